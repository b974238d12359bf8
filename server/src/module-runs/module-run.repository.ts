import { Injectable } from '@nestjs/common';
import type {
  ApprovalSetting,
  JobId,
  JobReason,
  JobState,
  OrganizationId,
  Placement,
  PlanSummary,
  RunOperation,
  RunState,
  RunTrigger,
  StateLock,
} from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import type { Hooks } from '../domain/modules/module-job-spec.js';
import * as sql from './module-run.sql.js';
import type { RunRow } from './module-run-view.js';

export interface RunKey {
  readonly organizationId: OrganizationId;
  readonly id: string;
}

export interface NewRun extends RunKey {
  readonly moduleId: string;
  readonly operation: RunOperation;
  readonly state: RunState;
  readonly trigger: RunTrigger;
  readonly firstJobId: JobId;
  readonly hooks: Hooks;
  readonly approval: ApprovalSetting;
  readonly createdBy: string;
}

/** A run with the job that it is at. */
export interface StandingRun extends RunRow {
  readonly hooks: Hooks;
  readonly cancelRequestedBy: string | null;
  /** null: no approval was asked for */
  readonly isOverdue: boolean | null;
  /** null: the job was removed */
  readonly jobState: JobState | null;
  readonly jobReason: JobReason | null;
  readonly jobCancelRequested: boolean;
}

export interface RunAdvance {
  readonly from: RunState;
  readonly to: RunState;
  readonly reason: JobReason | null;
  /** What is null of these stays as it was. */
  readonly plan: PlanSummary | null;
  readonly commit: string | null;
  readonly stateLock: StateLock | null;
  readonly applyJobId: JobId | null;
  readonly isOver: boolean;
}

export interface RunDecision {
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  readonly comment: string | null;
  readonly applyJobId: JobId | null;
}

/** What changes a run answers false when the run was not (any more) as it has to be for that. */
@Injectable()
export class ModuleRunRepository {
  constructor(private readonly database: Database) {}

  async find({ organizationId, id }: RunKey): Promise<RunRow | null> {
    const [row] = await this.database.query<RunRow>(sql.FIND_RUN, [organizationId, id]);
    return row ?? null;
  }

  async standing({ organizationId, id }: RunKey): Promise<StandingRun | null> {
    const [row] = await this.database.query<StandingRun>(sql.FIND_STANDING, [organizationId, id]);
    return row ?? null;
  }

  list(
    organizationId: OrganizationId,
    moduleId: string,
    page: { readonly before: string | null; readonly states: readonly RunState[]; readonly limit: number },
  ): Promise<RunRow[]> {
    return this.database.query(sql.LIST_RUNS, [organizationId, moduleId, page.before, page.states, page.limit]);
  }

  due(after: string, limit: number): Promise<RunKey[]> {
    return this.database.query(sql.DUE_RUNS, [after, limit]);
  }

  /** @returns null: no run of the module has reported that its state is locked so */
  async findLock(organizationId: OrganizationId, moduleId: string, lockId: string): Promise<Placement | null> {
    const [row] = await this.database.query<Placement>(sql.FIND_LOCK, [organizationId, moduleId, lockId]);
    return row ?? null;
  }

  /** @returns false: there is no such module */
  insert(tx: Queryable, run: NewRun): Promise<boolean> {
    const { organizationId, moduleId, id, operation, state, trigger, firstJobId, hooks, approval, createdBy } = run;
    const values = [organizationId, moduleId, id, operation, state, trigger, firstJobId, JSON.stringify(hooks)];
    return changed(tx, sql.INSERT_RUN, [...values, approval.when, approval.expiresAfterSeconds, createdBy]);
  }

  advance(tx: Queryable, { organizationId, id }: RunKey, advance: RunAdvance): Promise<boolean> {
    const { from, to, reason, plan, commit, stateLock, applyJobId, isOver } = advance;
    const found = [json(plan), commit, json(stateLock)];
    return changed(tx, sql.ADVANCE_RUN, [organizationId, id, from, to, reason, ...found, applyJobId, isOver]);
  }

  decide(tx: Queryable, { organizationId, id }: RunKey, decided: RunDecision): Promise<boolean> {
    const { decision, by, comment, applyJobId } = decided;
    return changed(tx, sql.DECIDE_RUN, [organizationId, id, decision, by, comment, applyJobId]);
  }

  expire({ organizationId, id }: RunKey): Promise<boolean> {
    return changed(this.database, sql.EXPIRE_RUN, [organizationId, id]);
  }

  /** @returns its module; null: it is over, or was canceled before */
  async cancel(tx: Queryable, { organizationId, id }: RunKey, by: string): Promise<string | null> {
    const [row] = await tx.query<{ moduleId: string }>(sql.CANCEL_RUN, [organizationId, id, by]);
    return row?.moduleId ?? null;
  }

  /**
   * Has triggered runs of the module canceled that have not begun to apply.
   *
   * @param except the one that takes their place; null: none of its own
   * @returns those, which are to be driven
   */
  replace(
    tx: Queryable,
    organizationId: OrganizationId,
    moduleId: string,
    except: string | null,
    by: string,
  ): Promise<RunKey[]> {
    return tx.query(sql.REPLACE_RUNS, [organizationId, moduleId, except, by]);
  }
}

async function changed(on: Queryable, ...call: Parameters<Queryable['query']>): Promise<boolean> {
  return (await on.query(...call)).length > 0;
}

function json(value: object | null): string | null {
  return value && JSON.stringify(value);
}
