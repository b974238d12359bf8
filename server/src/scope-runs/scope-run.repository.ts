import { Injectable } from '@nestjs/common';
import type {
  AssignmentKind,
  ModuleDependency,
  OrganizationId,
  RunState,
  ScopeRun,
  ScopeRunModule,
  ScopeRunModuleState,
  ScopeRunState,
} from '@dibs/shared';
import type { AuditActor } from '../auth/audit/audit-log.js';
import { Database, type Queryable } from '../database/database.js';
import * as sql from './scope-run.sql.js';

export type ScopeKind = Exclude<AssignmentKind, 'module'>;

/** A stack or namespace of one organization. */
export interface ScopeKey {
  readonly organizationId: OrganizationId;
  readonly kind: ScopeKind;
  readonly id: string;
}

export interface ScopePlace {
  readonly stackId: string;
  /** null: the whole stack */
  readonly namespaceId: string | null;
  readonly path: string;
}

export interface ScopeRunKey {
  readonly organizationId: OrganizationId;
  readonly id: string;
}

type Kept = 'id' | 'path' | 'operation' | 'onFailure' | 'state' | 'createdBy';

/** A run as the statements of scope-run.sql.ts select it. */
export interface ScopeRunRow extends Pick<ScopeRun, Kept>, ScopePlace {
  readonly organizationId: OrganizationId;
  /** Of states that no module is in: nothing. */
  readonly counts: Readonly<Partial<Record<ScopeRunModuleState, number>>>;
  readonly cancelRequestedAt: Date | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface ScopeRunModuleRow extends Omit<ScopeRunModule, 'runState'> {
  /** null: none has begun, or it was removed */
  readonly runState: RunState | null;
  readonly runCancelRequested: boolean;
}

/** A run with all that decides how it goes on. */
export interface StandingScopeRun extends ScopeRunRow, AuditActor {
  readonly dependencies: readonly ModuleDependency[];
  /** null: nobody has */
  readonly cancelRequestedBy: string | null;
  /** In the order in which they are applied. */
  readonly modules: readonly ScopeRunModuleRow[];
}

export interface NewScopeRun extends Pick<ScopeRun, 'id' | 'operation' | 'onFailure' | 'createdBy'> {
  readonly place: ScopePlace;
  readonly actor: AuditActor;
  readonly dependencies: readonly ModuleDependency[];
  /** In the order in which they are applied. */
  readonly moduleIds: readonly string[];
}

/** What changes a run answers false when it was not (any more) as it has to be for that. */
@Injectable()
export class ScopeRunRepository {
  constructor(private readonly database: Database) {}

  async place({ organizationId, kind, id }: ScopeKey): Promise<ScopePlace | null> {
    const [row] = await this.database.query<ScopePlace>(sql.FIND_PLACE, [organizationId, kind, id]);
    return row ?? null;
  }

  /** Until the transaction ends, no other run begins in its stack. */
  async lockPlace(tx: Queryable, { organizationId, kind, id }: ScopeKey): Promise<ScopePlace | null> {
    const [row] = await tx.query<ScopePlace>(sql.LOCK_PLACE, [organizationId, kind, id]);
    return row ?? null;
  }

  async findOverlapping(
    tx: Queryable,
    organizationId: OrganizationId,
    { stackId, namespaceId }: ScopePlace,
  ): Promise<Pick<ScopeRun, 'id' | 'path'> | null> {
    const values = [organizationId, stackId, namespaceId];
    const [row] = await tx.query<Pick<ScopeRun, 'id' | 'path'>>(sql.FIND_OVERLAPPING, values);
    return row ?? null;
  }

  async insert(tx: Queryable, run: NewScopeRun): Promise<void> {
    const { actor, id, place, operation, onFailure, dependencies, createdBy, moduleIds } = run;
    const { organizationId, actorKind, actorId } = actor;
    const values = [organizationId, id, place.stackId, place.namespaceId, operation, onFailure];
    await tx.query(sql.INSERT_RUN, [...values, JSON.stringify(dependencies), createdBy, actorKind, actorId]);
    await tx.query(sql.INSERT_MODULES, [organizationId, id, moduleIds]);
  }

  /** The run and its modules as they are at one moment after the other: every change is conditional. */
  async standing({ organizationId, id }: ScopeRunKey): Promise<StandingScopeRun | null> {
    const [row] = await this.database.query<Omit<StandingScopeRun, 'modules'>>(sql.FIND_RUN, [organizationId, id]);
    if (row === undefined) return null;
    const modules = await this.database.query<ScopeRunModuleRow>(sql.MODULES_OF_RUN, [organizationId, id]);
    return { ...row, modules };
  }

  list(
    organizationId: OrganizationId,
    { stackId, namespaceId }: ScopePlace,
    page: { readonly before: string | null; readonly limit: number },
  ): Promise<ScopeRunRow[]> {
    return this.database.query(sql.LIST_RUNS, [organizationId, stackId, namespaceId, page.before, page.limit]);
  }

  open(after: string, limit: number): Promise<ScopeRunKey[]> {
    return this.database.query(sql.OPEN_RUNS, [after, limit]);
  }

  async ofModuleRun(organizationId: OrganizationId, runId: string): Promise<ScopeRunKey | null> {
    const [row] = await this.database.query<ScopeRunKey>(sql.RUN_OF_MODULE_RUN, [organizationId, runId]);
    return row ?? null;
  }

  beginModule(tx: Queryable, { organizationId, id }: ScopeRunKey, moduleId: string, runId: string): Promise<boolean> {
    return changed(tx, sql.BEGIN_MODULE, [organizationId, id, moduleId, runId]);
  }

  moveModule(
    { organizationId, id }: ScopeRunKey,
    moduleId: string,
    from: 'waiting' | 'running',
    to: ScopeRunModuleState,
    note: string | null,
  ): Promise<boolean> {
    return changed(this.database, sql.MOVE_MODULE, [organizationId, id, moduleId, from, to, note]);
  }

  end({ organizationId, id }: ScopeRunKey, state: ScopeRunState): Promise<boolean> {
    return changed(this.database, sql.END_RUN, [organizationId, id, state]);
  }

  cancel(tx: Queryable, { organizationId, id }: ScopeRunKey, by: string): Promise<boolean> {
    return changed(tx, sql.CANCEL_RUN, [organizationId, id, by]);
  }

  /** @returns false: it was never applied, or was destroyed since */
  async isApplied(organizationId: OrganizationId, moduleId: string): Promise<boolean> {
    const [row] = await this.database.query<{ isApplied: boolean }>(sql.IS_APPLIED, [organizationId, moduleId]);
    return row?.isApplied ?? false;
  }
}

async function changed(on: Queryable, ...call: Parameters<Queryable['query']>): Promise<boolean> {
  return (await on.query(...call)).length > 0;
}
