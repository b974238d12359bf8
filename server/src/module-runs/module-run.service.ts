import { Injectable } from '@nestjs/common';
import type { DecideRunBody, ModuleRun, OrganizationId, Page, RunState, StartRunBody } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { Database } from '../database/database.js';
import { isRunOver } from '../domain/modules/run-state-machine.js';
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
    return this.view(run);
  }

  /** @throws AppError 409 when the run does not wait for that (any more) */
  async reject(caller: Caller, id: string, { comment }: DecideRunBody): Promise<ModuleRun> {
    const decided = { decision: 'rejected', by: caller.name, comment: comment ?? null, applyJobId: null } as const;
    await this.decide(caller, id, decided, () => Promise.resolve());
    return this.get(caller, id);
  }

  /** Ends a run that waits, asks the job of another one to end. @throws AppError 409 when it is over */
  async cancel(caller: Caller, id: string): Promise<ModuleRun> {
    const key: RunKey = { organizationId: caller.organizationId, id };
    await this.database.transaction(async (tx) => {
      if (!(await this.runs.cancel(tx, key, caller.name))) return;
      await this.audit.writeIn(tx, { ...by(caller), action: 'module_run.canceled', target: id });
    });
    const before = await this.view(key);
    if (isRunOver(before.state) && before.state !== 'canceled') throw over(before.state);
    await this.progress.drive(key);
    return this.view(key);
  }

  private async decide(
    caller: Caller,
    id: string,
    decided: RunDecision,
    inTransaction: (tx: Parameters<Parameters<Database['transaction']>[0]>[0]) => Promise<void>,
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
