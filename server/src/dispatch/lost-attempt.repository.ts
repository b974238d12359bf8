import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, JobReason, JobState, OnLost, OrganizationId } from '@dibs/shared';
import type { Queryable } from '../database/database.js';
import { laneOf, type Demands } from '../domain/dispatch/lanes.js';
import { afterAttemptEnded } from '../domain/job/job.js';
import * as sql from './lost-attempt.sql.js';

/** A current attempt whose job the transaction has locked. */
export interface LockedAttempt {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly instanceId: InstanceId;
}

export interface LostAttempt extends LockedAttempt {
  readonly loss: JobReason;
  /** How the connection of its runner had ended, in words; null: it had not, or nobody knows. */
  readonly disconnect: string | null;
}

/** What became of a job whose attempt ended without ending the job for good, or that was lost for good. */
export interface AfterLoss {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly instanceId: InstanceId;
  /** Why the runner lost it; null: the job failed by itself. */
  readonly loss: JobReason | null;
  readonly state: JobState;
  readonly reason: JobReason;
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
  readonly concurrencyKey: string | null;
  readonly parentId: JobId | null;
  /** Milliseconds until it may be tried again; null: it does not pause. */
  readonly wakeInMs: number | null;
}

interface JobRow {
  readonly jobId: JobId;
  readonly organizationId: OrganizationId;
  readonly attempt: number;
  readonly onLost: OnLost;
  readonly maxAttempts: number;
  readonly losses: number;
  readonly cancelRequested: boolean;
  readonly superseded: boolean;
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
  readonly concurrencyKey: string | null;
  readonly parentId: JobId | null;
  /** null: nobody needs them. */
  readonly demands: Demands | null;
  readonly runner: string;
  readonly instance: string;
}

interface Decided {
  readonly lost: LostAttempt;
  readonly job: JobRow;
  readonly state: JobState;
  readonly reason: JobReason;
  readonly lane: string;
  readonly pinned: boolean;
}

/** Ends attempts that were lost and decides what follows. It works inside the caller's transaction. */
@Injectable()
export class LostAttemptRepository {
  lockExpired(tx: Queryable, limit: number): Promise<LostAttempt[]> {
    return tx.query(sql.LOCK_EXPIRED, [limit]);
  }

  /** @param attempts locked by this transaction, and current */
  end(tx: Queryable, attempts: readonly LockedAttempt[], loss: JobReason): Promise<AfterLoss[]> {
    const lost = attempts.map((attempt) => ({ ...attempt, loss, disconnect: null }));
    return this.endEach(tx, lost);
  }

  /** Likewise, each with a reason of its own. */
  async endEach(tx: Queryable, lost: readonly LostAttempt[]): Promise<AfterLoss[]> {
    if (lost.length === 0) return [];
    const byJob = new Map(lost.map((attempt) => [attempt.jobId, attempt]));
    const jobs = await tx.query<JobRow>(sql.LOCK_JOBS, [lost.map((attempt) => attempt.jobId)]);
    const decided = jobs.map((job) => decide(job, byJob.get(job.jobId) as LostAttempt));
    await tx.query(sql.END, [
      decided.map(({ job }) => job.jobId),
      decided.map(({ job }) => job.attempt),
      decided.map(({ lost }) => lost.loss),
      decided.map(({ lost }) => lost.disconnect),
      decided.map(({ state }) => state),
      decided.map(({ reason }) => reason),
      decided.map(({ lane }) => lane),
      decided.map(({ job, pinned }) => (pinned ? job.runner : null)),
      decided.map(({ job, pinned }) => (pinned ? job.instance : null)),
    ]);
    return decided.map(toAfterLoss);
  }
}

function decide(job: JobRow, lost: LostAttempt): Decided {
  const after = afterAttemptEnded(job, 'lost', lost.loss);
  const { reason } = after;
  if (after.kind === 'final') return { lost, job, state: after.state, reason, lane: job.lane, pinned: false };
  const { demands } = job;
  if (!after.pinned || demands === null) return { lost, job, state: 'queued', reason, lane: job.lane, pinned: false };
  return { lost, job, state: 'queued', reason, lane: pinnedLane(job, demands), pinned: true };
}

/** Only the instance it was lost with may claim it: that is a lane like any other. */
function pinnedLane({ organizationId, runner, instance }: JobRow, demands: Demands): string {
  return laneOf(organizationId, { ...demands, runner, instance }).fingerprint;
}

function toAfterLoss({ job, lost, state, reason, lane }: Decided): AfterLoss {
  const { organizationId, jobId, attempt, priority, rank, concurrencyKey, parentId } = job;
  const { instanceId, loss } = lost;
  const where = { organizationId, jobId, attempt, instanceId, loss };
  return { ...where, state, reason, lane, priority, rank, concurrencyKey, parentId, wakeInMs: null };
}
