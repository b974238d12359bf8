import { Injectable } from '@nestjs/common';
import type { DecideRunBody, ModuleRun, OrganizationId, Page, RunState, StartRunBody } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { Database, type Queryable } from '../database/database.js';
import { isRunOver } from '../domain/modules/run-state-machine.js';
import { EventBus } from '../events/event-bus.js';
import { JobSubmissionService } from '../jobs/job-submission.service.js';
import { JobRepository } from '../jobs/job.repository.js';
import { HierarchyService } from '../modules/hierarchy.service.js';
import { AppError, conflict, notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { ModuleRunProgress } from './module-run-progress.js';
import { ModuleRunStarter } from './module-run-starter.js';
import { toModuleRun } from './module-run-view.js';
import { ModuleRunRepository, type RunDecision, type RunKey } from './module-run.repository.js';

const DECIDED = { approved: 'module_run.approved', rejected: 'module_run.rejected' } as const;

/** What people do with runs of modules. How runs go on by themselves is in module-run-progress.ts. */
@Injectable()
export class ModuleRunService {
  constructor(
    private readonly database: Database,
    private readonly runs: ModuleRunRepository,
    private readonly starter: ModuleRunStarter,
    private readonly progress: ModuleRunProgress,
    private readonly submission: JobSubmissionService,
    private readonly jobs: JobRepository,
    private readonly hierarchy: HierarchyService,
    private readonly audit: AuditLog,
    private readonly bus: EventBus,
  ) {}

  /** With its first job, both or none. @throws AppError 422 that says what the module lacks for it */
  async start(caller: Caller, moduleId: string, { operation, lockId }: StartRunBody): Promise<ModuleRun> {
    const beginner = { actor: by(caller), name: caller.name, trigger: 'request' } as const;
    return this.view(await this.starter.begin(beginner, moduleId, { operation, lockId: lockId ?? null }));
  }

  async get({ organizationId }: Caller, id: string): Promise<ModuleRun> {
    return this.view({ organizationId, id });
  }

  /** Newest first. @throws AppError 404 when there is no such module */
  async list(
    caller: Caller,
    moduleId: string,
    { cursor, limit, state = [] }: PageQuery & { readonly state?: RunState[] },
  ): Promise<Page<ModuleRun>> {
    await this.hierarchy.get(caller, 'module', moduleId);
    const page = { before: decodeCursor(cursor), states: [...new Set(state)], limit: limit + 1 };
    const rows = await this.runs.list(caller.organizationId, moduleId, page);
    return toPage(rows, limit, ({ id }) => id, toModuleRun);
  }

  /** The plan is carried out, exactly as it is. @throws AppError 409 when the run does not wait for that (any more) */
  async approve(caller: Caller, id: string, { comment }: DecideRunBody): Promise<ModuleRun> {
    const run = await this.runs.standing({ organizationId: caller.organizationId, id });
    if (run === null) throw notFound('module run');
    if (run.state !== 'awaiting_approval') throw notAwaiting(run.state);
    const job = await this.progress.applyJob(run);
    if (job === 'plan_unavailable') throw conflict(job, 'The plan is gone. Start another run.');
    if (job === 'secrets_unreadable')
      throw conflict(job, 'The secrets of the run cannot be opened. Start another one.');
    const decided = { decision: 'approved', by: caller.name, comment: comment ?? null, applyJobId: job.id } as const;
    await this.decide(caller, id, decided, async (tx) => this.jobs.insertIn(tx, [job]));
    this.submission.announce(job);
    return this.told(run);
  }

  /** @throws AppError 409 when the run does not wait for that (any more) */
  async reject(caller: Caller, id: string, { comment }: DecideRunBody): Promise<ModuleRun> {
    const decided = { decision: 'rejected', by: caller.name, comment: comment ?? null, applyJobId: null } as const;
    await this.decide(caller, id, decided, () => Promise.resolve());
    return this.told({ organizationId: caller.organizationId, id });
  }

  /** Ends a run that waits, asks the job of another one to end. @throws AppError 409 when it is over */
  async cancel(caller: Caller, id: string): Promise<ModuleRun> {
    const key: RunKey = { organizationId: caller.organizationId, id };
    const isNew = await this.progress.cancel(key, caller.name, (tx) =>
      this.audit.writeIn(tx, { ...by(caller), action: 'module_run.canceled', target: id }),
    );
    const run = await this.view(key);
    if (!isNew && isRunOver(run.state) && run.state !== 'canceled') throw over(run.state);
    return run;
  }

  private async decide(
    caller: Caller,
    id: string,
    decided: RunDecision,
    inTransaction: (tx: Queryable) => Promise<void>,
  ): Promise<void> {
    const key: RunKey = { organizationId: caller.organizationId, id };
    const { decision, comment } = decided;
    const isDecided = await this.database.transaction(async (tx) => {
      if (!(await this.runs.decide(tx, key, decided))) return false;
      await inTransaction(tx);
      const data = comment === null ? {} : { comment };
      await this.audit.writeIn(tx, { ...by(caller), action: DECIDED[decision], target: id, data });
      return true;
    });
    if (isDecided) return;
    // one that has expired may not have been told so yet
    await this.progress.drive(key);
    throw notAwaiting((await this.view(key)).state);
  }

  /** After a change. */
  private async told(key: RunKey): Promise<ModuleRun> {
    const run = await this.view(key);
    const { organizationId, id: runId } = key;
    this.bus.publish('module_run.changed', { organizationId, moduleId: run.moduleId, runId });
    return run;
  }

  /** @throws AppError 404 */
  private async view({ organizationId, id }: { organizationId: OrganizationId; id: string }): Promise<ModuleRun> {
    const row = await this.runs.find({ organizationId, id });
    if (row === null) throw notFound('module run');
    return toModuleRun(row);
  }
}

function notAwaiting(state: RunState): AppError {
  return conflict('run_not_awaiting_approval', `The run does not wait for approval: it is ${inWords(state)}.`);
}

function over(state: RunState): AppError {
  return conflict('run_over', `The run is over: ${inWords(state)}.`);
}

function inWords(state: RunState): string {
  return state.replaceAll('_', ' ');
}
