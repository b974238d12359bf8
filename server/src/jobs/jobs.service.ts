import { Injectable } from '@nestjs/common';
import type { CancelMode, JobDetail, JobId, JobSummary, OrganizationId, Page } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { decideCancel } from '../domain/job/job.js';
import { EventBus } from '../events/event-bus.js';
import { ChildrenReader } from '../fan-out/children-reader.js';
import { RunOfJob } from '../module-runs/run-of-job.js';
import { AppError, conflict } from '../platform/errors.js';
import { UUID, decodeCursor, toPage } from '../platform/page.js';
import { firstUuidAt } from '../platform/uuid.js';
import { escalates } from './cancel-mode.js';
import { toJobDetail } from './job-detail.js';
import { toJobSummary, type JobRow } from './job-row.js';
import { JobWaiter } from './job-waiter.js';
import { JobRepository, type CancelRequest, type LockedJob } from './job.repository.js';

export interface JobListRequest {
  readonly states: JobSummary['state'][];
  readonly runner?: string | undefined;
  readonly q?: string | undefined;
  readonly module?: string | undefined;
  /** Moments: jobs submitted from then on, and before then. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly parent?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Reading and canceling jobs. A job of another organization looks like one that does not exist. */
@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobRepository,
    private readonly waiter: JobWaiter,
    private readonly children: ChildrenReader,
    private readonly runs: RunOfJob,
    private readonly bus: EventBus,
  ) {}

  async list({ organizationId }: Caller, request: JobListRequest): Promise<Page<JobSummary>> {
    const rows = await this.jobs.list({
      organizationId,
      states: [...new Set(request.states)],
      runner: request.runner ?? null,
      text: request.q ?? null,
      parentId: (request.parent?.toLowerCase() ?? null) as JobId | null,
      module: request.module ?? null,
      before: earlier(decodeCursor(request.cursor), idAt(request.to)) as JobId | null,
      after: idAt(request.from) as JobId | null,
      limit: request.limit + 1,
    });
    return toPage(rows, request.limit, (row) => row.id, toJobSummary);
  }

  async detail({ organizationId }: Caller, id: string): Promise<JobDetail> {
    const row = (await this.jobs.findDetail(organizationId, jobIdOf(id))) ?? jobNotFound();
    const isFanOut = (row.spec.fanOut ?? null) !== null;
    const detail = toJobDetail(row, isFanOut ? await this.children.summarize(organizationId, row.id) : null);
    const runId = row.spec.engine === undefined ? null : await this.runs.find(organizationId, row.id);
    return runId === null ? detail : { ...detail, runId };
  }

  /**
   * @param waitMs 0: answer at once
   * @param gone aborted when the client has left
   */
  async summary({ organizationId }: Caller, id: string, waitMs: number, gone: AbortSignal): Promise<JobSummary> {
    const jobId = jobIdOf(id);
    const row =
      waitMs > 0
        ? await this.waiter.untilTerminal(organizationId, jobId, waitMs, gone)
        : await this.jobs.find(organizationId, jobId);
    return toJobSummary(row ?? jobNotFound());
  }

  /** Ends a job that nobody holds, asks the runner of one that somebody holds. Asking again may only be harsher. */
  async cancel(
    { organizationId, name: by }: Pick<Caller, 'organizationId' | 'name'>,
    id: string,
    mode: CancelMode,
  ): Promise<JobSummary> {
    const outcome = await this.jobs.withLocked(organizationId, jobIdOf(id), (job) => cancelLocked(job, { mode, by }));
    if (outcome === null) jobNotFound();
    if (outcome.done !== 'nothing') this.publishCanceled(organizationId, outcome.job, outcome.done);
    return toJobSummary(outcome.job);
  }

  private publishCanceled(organizationId: OrganizationId, job: JobRow, done: 'ended' | 'asked'): void {
    const { id: jobId, state, reason, attempt, instance_id: instanceId, cancel_mode: mode } = job;
    if (done === 'ended') this.bus.publish('job.withdrawn', { jobId });
    if (isTerminal(state)) {
      const { concurrency_key: concurrencyKey, parent_id: parentId } = job;
      this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey, parentId });
    }
    if (done === 'asked' && instanceId !== null && mode !== null) {
      this.bus.publish('job.cancel-requested', { instanceId, order: { jobId, attempt, mode } });
    }
    this.bus.publish('job.changed', { organizationId, jobId, state, reason });
  }
}

type CancelOutcome = { readonly job: JobRow; readonly done: 'ended' | 'asked' | 'nothing' };

async function cancelLocked(locked: LockedJob, request: CancelRequest): Promise<CancelOutcome> {
  const job = await locked.read();
  switch (decideCancel(job)) {
    case 'already_terminal':
      throw conflict('job_already_finished', `The job has already ended: ${job.state}.`);
    case 'end_now':
      await locked.endAsCanceled(request);
      return { job: await locked.read(), done: 'ended' };
    case 'ask_children':
      if (!escalates(job.cancel_mode, request.mode)) return { job, done: 'nothing' };
      await locked.requestFanOutCancel(request);
      return { job: await locked.read(), done: 'asked' };
    case 'ask_runner':
      if (!escalates(job.cancel_mode, request.mode)) return { job, done: 'nothing' };
      await locked.requestCancel(request);
      return { job: await locked.read(), done: 'asked' };
  }
}

/** Ids are made in the order of time, so a range of time is a range of them. */
function idAt(moment: string | undefined): string | null {
  return moment === undefined ? null : firstUuidAt(Date.parse(moment));
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

/** In the one spelling by which events name it. @throws AppError 404 for what cannot be an id: it is no more there than a missing one */
export function jobIdOf(id: string): JobId {
  return UUID.test(id) ? (id.toLowerCase() as JobId) : jobNotFound();
}

export function jobNotFound(): never {
  throw new AppError(404, 'job_not_found', 'There is no such job.');
}

/** @throws AppError 409 */
export function assertTerminal(job: { readonly state: JobSummary['state'] }): void {
  if (!isTerminal(job.state)) {
    throw conflict(
      'job_not_finished',
      `The job has not ended yet: ${job.state}. Only a job that has ended can be retried.`,
    );
  }
}
