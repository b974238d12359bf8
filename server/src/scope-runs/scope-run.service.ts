import { Injectable } from '@nestjs/common';
import type { ModuleGraph, Page, ScopeRun, ScopeRunView, StartScopeRunBody } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { Database } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { AppError, conflict, notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { uuidv7 } from '../platform/uuid.js';
import { ScopeGraph, type ScopeModules } from './scope-graph.js';
import { ScopeRunDriver } from './scope-run-driver.js';
import { toScopeRun, toScopeRunView } from './scope-run-view.js';
import {
  ScopeRunRepository,
  type ScopeKey,
  type ScopeKind,
  type ScopePlace,
  type ScopeRunKey,
} from './scope-run.repository.js';

/** What people do with runs of stacks and namespaces. How those go on by themselves is in scope-run-progress.ts. */
@Injectable()
export class ScopeRunService {
  constructor(
    private readonly database: Database,
    private readonly runs: ScopeRunRepository,
    private readonly graphs: ScopeGraph,
    private readonly driver: ScopeRunDriver,
    private readonly audit: AuditLog,
    private readonly bus: EventBus,
  ) {}

  /** @throws AppError 409 while another run of the same modules has not ended, 422 for modules that have no order */
  async start(
    caller: Caller,
    kind: ScopeKind,
    id: string,
    { operation, onFailure = 'stop' }: StartScopeRunBody,
  ): Promise<ScopeRunView> {
    const { organizationId } = caller;
    const key: ScopeRunKey = { organizationId, id: uuidv7() };
    const place = await this.database.transaction(async (tx) => {
      const locked = await this.runs.lockPlace(tx, { organizationId, kind, id });
      if (locked === null) throw notFound(kind);
      const open = await this.runs.findOverlapping(tx, organizationId, locked);
      if (open !== null) {
        throw conflict('scope_run_open', `A run of ${open.path} has not ended (${open.id}). Cancel it or wait for it.`);
      }
      const graph = await this.graphs.read(tx, organizationId, locked);
      assertRunnable(kind, graph);
      const { order: moduleIds, paths } = graph;
      const dependencies = graph.dependencies.filter(({ from }) => paths.has(from));
      const run = { id: key.id, place: locked, operation, onFailure, createdBy: caller.name, actor: by(caller) };
      await this.runs.insert(tx, { ...run, dependencies, moduleIds });
      const data = { name: locked.path, operation, onFailure, modules: moduleIds.length };
      await this.audit.writeIn(tx, { ...by(caller), action: 'scope_run.started', target: key.id, data });
      return locked;
    });
    this.tell(key, place);
    await this.driver.look(key);
    return this.get(caller, key.id);
  }

  /** @throws AppError 404 */
  async get({ organizationId }: Caller, id: string): Promise<ScopeRunView> {
    const run = await this.runs.standing({ organizationId, id });
    if (run === null) throw notFound('run of a stack or namespace');
    return toScopeRunView(run);
  }

  /** Of exactly this stack or namespace, newest first. @throws AppError 404 */
  async list(caller: Caller, kind: ScopeKind, id: string, { cursor, limit }: PageQuery): Promise<Page<ScopeRun>> {
    const { organizationId } = caller;
    const place = await this.place({ organizationId, kind, id });
    const rows = await this.runs.list(organizationId, place, { before: decodeCursor(cursor), limit: limit + 1 });
    return toPage(rows, limit, (row) => row.id, toScopeRun);
  }

  /** @throws AppError 404 */
  async graph({ organizationId }: Caller, kind: ScopeKind, id: string): Promise<ModuleGraph> {
    return this.graphs.view(organizationId, await this.place({ organizationId, kind, id }));
  }

  /** Begins nothing more, and asks the runs of its modules to end. @throws AppError 409 when it is over */
  async cancel(caller: Caller, id: string): Promise<ScopeRunView> {
    const key: ScopeRunKey = { organizationId: caller.organizationId, id };
    const isNew = await this.database.transaction(async (tx) => {
      if (!(await this.runs.cancel(tx, key, caller.name))) return false;
      await this.audit.writeIn(tx, { ...by(caller), action: 'scope_run.canceled', target: id });
      return true;
    });
    await this.driver.look(key);
    const run = await this.runs.standing(key);
    if (run === null) throw notFound('run of a stack or namespace');
    if (isNew) this.tell(key, run);
    else if (run.endedAt !== null && run.state !== 'canceled') {
      throw conflict('scope_run_over', `The run is over: ${run.state}.`);
    }
    return toScopeRunView(run);
  }

  private async place(key: ScopeKey): Promise<ScopePlace> {
    const place = await this.runs.place(key);
    if (place === null) throw notFound(key.kind);
    return place;
  }

  private tell({ organizationId, id: runId }: ScopeRunKey, { stackId, namespaceId }: ScopePlace): void {
    this.bus.publish('scope_run.changed', { organizationId, stackId, namespaceId, runId });
  }
}

function assertRunnable(kind: ScopeKind, { paths, circles }: ScopeModules): void {
  if (paths.size === 0) throw new AppError(422, 'no_modules', `The ${kind} has no modules.`);
  if (circles.length === 0) return;
  const told = circles.map((circle) => circle.map((id) => paths.get(id)!).join(', ')).join('; and ');
  throw new AppError(422, 'dependency_circle', `Modules take each other's outputs in a circle: ${told}.`);
}
