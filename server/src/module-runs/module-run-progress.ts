import { Injectable, Logger } from '@nestjs/common';
import type { JobReason, RunState, StateLock } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import { deployedAfter } from '../domain/modules/deployed-after.js';
import { applyJobSpec } from '../domain/modules/module-job-spec.js';
import { nextRunStep, type RunJob, type RunStep } from '../domain/modules/next-run-step.js';
import { EngineResults, type JobEngineResult } from '../engine-results/engine-results.js';
import { EventBus } from '../events/event-bus.js';
import type { NewJob } from '../jobs/job-row.js';
import { JobSubmissionService, type Submission } from '../jobs/job-submission.service.js';
import { JobRepository } from '../jobs/job.repository.js';
import { JobsService } from '../jobs/jobs.service.js';
import { AppError } from '../platform/errors.js';
import { ModuleRunRepository, type RunAdvance, type RunKey, type StandingRun } from './module-run.repository.js';
import { ModuleStandingRepository } from './module-standing.repository.js';

/** Why the plan of a run cannot be carried out. */
type NoApplyJob = Extract<JobReason, 'plan_unavailable' | 'secrets_unreadable'>;

/**
 * Takes runs on by what the rows say at this moment. Every change is conditional on the state it was decided from, and
 * the job that applies is stored in the transaction that makes the run apply: any server may look at any time, as often
 * as it likes, and whatever a crash left is found by the next look.
 */
@Injectable()
export class ModuleRunProgress {
  private readonly logger = new Logger(ModuleRunProgress.name);

  constructor(
    private readonly database: Database,
    private readonly runs: ModuleRunRepository,
    private readonly results: EngineResults,
    private readonly submission: JobSubmissionService,
    private readonly jobs: JobRepository,
    private readonly jobsService: JobsService,
    private readonly standings: ModuleStandingRepository,
    private readonly bus: EventBus,
  ) {}

  async drive(key: RunKey): Promise<void> {
    const run = await this.runs.standing(key);
    if (run === null) return;
    if (run.state === 'awaiting_approval' && run.isOverdue) {
      if (await this.runs.expire(key)) this.tell(run);
      return;
    }
    const jobId = run.applyJobId ?? run.firstJobId;
    const found = (await this.results.of(run.organizationId, [jobId])).get(jobId) ?? null;
    await this.take(run, nextRunStep(factsOf(run), jobOf(run, found)), found);
  }

  /**
   * Ends a run that waits, asks the job of another one to end.
   *
   * @param inTransaction what goes with it, all or nothing
   * @returns false: it is over, or was canceled before
   */
  async cancel(
    key: RunKey,
    by: string,
    inTransaction: (tx: Queryable) => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    const moduleId = await this.database.transaction(async (tx) => {
      const canceled = await this.runs.cancel(tx, key, by);
      if (canceled !== null) await inTransaction(tx);
      return canceled;
    });
    if (moduleId === null) await this.drive(key);
    else await this.canceled({ ...key, moduleId });
    return moduleId !== null;
  }

  /** It was recorded that the run is to be canceled. */
  async canceled(run: RunKey & { readonly moduleId: string }): Promise<void> {
    this.tell(run);
    await this.drive(run);
  }

  /** @returns the job that carries out what the run has planned, not stored yet */
  async applyJob(run: StandingRun): Promise<NewJob | NoApplyJob> {
    const { organizationId, firstJobId, path, plan, commit, hooks, createdBy: name } = run;
    const planned = await this.submission.submissionOf(organizationId, firstJobId);
    if (planned === null || plan === null) return 'plan_unavailable';
    // whatever its branch or range of versions leads to by now is not what was planned
    if (planned.spec.source?.type === 'git' && commit === null) return 'plan_unavailable';
    const { sha256 } = plan;
    const secrets = this.opened(run, planned);
    if (secrets === null) return 'secrets_unreadable';
    const spec = applyJobSpec(planned.spec, { path, plan: { jobId: firstJobId, sha256 }, commit, hooks });
    return this.submission.prepare({ organizationId, name }, spec, secrets);
  }

  private opened({ id: runId }: StandingRun, planned: Submission): ReturnType<Submission['secretsOf']> | null {
    try {
      return planned.secretsOf();
    } catch (error) {
      this.logger.error(
        { err: error, runId },
        'the secrets of a run cannot be opened: was the encryption key changed?',
      );
      return null;
    }
  }

  private async take(run: StandingRun, step: RunStep, found: JobEngineResult | null): Promise<void> {
    switch (step.kind) {
      case 'wait':
        return;
      case 'cancel_job':
        return this.cancelJob(run);
      case 'ask_for_approval':
        return void (await this.advance(run, 'awaiting_approval', null, found));
      case 'end':
        return void (await this.advance(run, step.state, step.reason, found));
      case 'apply':
        return this.apply(run, found);
    }
  }

  private async apply(run: StandingRun, found: JobEngineResult | null): Promise<void> {
    const known = { ...run, plan: found?.engine?.plan ?? run.plan, commit: found?.commit ?? run.commit };
    const job = await this.applyJob(known);
    if (typeof job === 'string') return void (await this.advance(run, 'failed', job, found));
    if (await this.advance(run, 'applying', null, found, job)) this.submission.announce(job);
  }

  private async advance(
    run: StandingRun,
    to: RunState,
    reason: JobReason | null,
    found: JobEngineResult | null,
    job?: NewJob,
  ): Promise<boolean> {
    const advance: RunAdvance = {
      ...{ from: run.state, to, reason },
      plan: found?.engine?.plan ?? null,
      commit: found?.commit ?? null,
      stateLock: storable(found?.engine?.stateLock ?? null),
      applyJobId: job?.id ?? null,
      isOver: to !== 'awaiting_approval' && to !== 'applying',
    };
    const isDone = await this.database.transaction(async (tx) => {
      if (!(await this.runs.advance(tx, run, advance))) return false;
      if (job !== undefined) await this.jobs.insertIn(tx, [job]);
      const isDeployed = deployedAfter(run.operation, run.state, to);
      if (isDeployed !== null) await this.standings.deployed(tx, run.organizationId, run.moduleId, isDeployed);
      return true;
    });
    if (isDone) this.tell(run);
    return isDone;
  }

  private tell({ organizationId, moduleId, id: runId }: RunKey & { readonly moduleId: string }): void {
    this.bus.publish('module_run.changed', { organizationId, moduleId, runId });
  }

  /** In the name of whoever canceled the run. */
  private async cancelJob({ organizationId, applyJobId, firstJobId, ...run }: StandingRun): Promise<void> {
    const by = { organizationId, name: run.cancelRequestedBy ?? run.createdBy };
    try {
      await this.jobsService.cancel(by, applyJobId ?? firstJobId, 'graceful');
    } catch (error) {
      // it ended in this moment, which is looked at next
      if (!(error instanceof AppError) || error.code !== 'job_already_finished') throw error;
    }
  }
}

function factsOf({ operation, state, approvalRule, cancelRequestedAt }: StandingRun) {
  return { operation, state, approvalRule, cancelRequested: cancelRequestedAt !== null };
}

function jobOf(run: StandingRun, found: JobEngineResult | null): RunJob | null {
  if (run.jobState === null) return null;
  const { jobState: state, jobReason: reason, jobCancelRequested: cancelRequested } = run;
  return { state, reason, cancelRequested, plan: found?.engine?.plan ?? null };
}

/** A runner's text may hold half a surrogate pair, at which PostgreSQL would refuse the whole change. */
function storable(lock: StateLock | null): StateLock | null {
  if (lock?.state !== 'held') return lock;
  const whole = (text: string): string => Buffer.from(text).toString();
  return { ...lock, id: whole(lock.id), who: lock.who && whole(lock.who) };
}
