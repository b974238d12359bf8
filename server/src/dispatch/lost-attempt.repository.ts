import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, JobReason, JobState, OnLost, OrganizationId } from '@dibs/shared';
import type { Queryable, Statement } from '../database/database.js';
import { afterAttemptEnded } from '../domain/job/job.js';

/** An attempt whose row the transaction has locked. */
export interface LockedAttempt {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly instanceId: InstanceId;
}

/** What became of a job whose attempt was lost. */
export interface AfterLoss {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly instanceId: InstanceId;
  readonly state: JobState;
  readonly reason: JobReason;
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
}

interface JobRow {
  readonly jobId: JobId;
  readonly organizationId: OrganizationId;
  readonly attempt: number;
  readonly onLost: OnLost;
  readonly maxAttempts: number;
  readonly cancelRequested: boolean;
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
}

/** Leases that ran out by the clock of the database. SKIP LOCKED: another server may be sweeping, a renewal may win. */
const LOCK_EXPIRED: Statement = {
  name: 'dispatch.lost.expired',
  text: /* sql */ `
    SELECT job_id AS "jobId", attempt, instance_id AS "instanceId" FROM job_attempts
    WHERE ended_at IS NULL AND lease_expires_at < clock_timestamp()
    ORDER BY job_id LIMIT $1
    FOR NO KEY UPDATE SKIP LOCKED`,
};

const LOCK_JOBS: Statement = {
  name: 'dispatch.lost.jobs',
  text: /* sql */ `
    SELECT id AS "jobId", organization_id AS "organizationId", attempt, on_lost AS "onLost",
      max_attempts AS "maxAttempts", cancel_requested_at IS NOT NULL AS "cancelRequested", lane, priority, rank
    FROM jobs WHERE id = ANY($1::uuid[]) AND state IN ('claimed', 'running')
    ORDER BY id
    FOR NO KEY UPDATE`,
};

/**
 * Back in the queue a job begins anew: its queue timeout too, because it did start in time. Only the number of the
 * attempt goes on, and with it the fence.
 */
const END: Statement = {
  name: 'dispatch.lost.end',
  text: /* sql */ `
    WITH given AS (
      SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[])
        AS g (job_id, attempt, loss, state, reason)
    ), attempts AS (
      UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = 'lost', reason = g.loss
      FROM given g WHERE a.job_id = g.job_id AND a.attempt = g.attempt AND a.ended_at IS NULL
    ), steps AS (
      UPDATE job_steps s SET state = 'failed', finished_at = clock_timestamp()
      FROM given g WHERE s.job_id = g.job_id AND s.attempt = g.attempt AND s.state = 'running'
    ), changed AS (
      UPDATE jobs j SET state = g.state, reason = g.reason, exit_code = NULL,
        started_at = CASE WHEN g.state = 'queued' THEN NULL ELSE j.started_at END,
        finished_at = CASE WHEN g.state = 'queued' THEN NULL ELSE clock_timestamp() END,
        queued_at = CASE WHEN g.state = 'queued' THEN clock_timestamp() ELSE j.queued_at END,
        queue_expires_at = CASE WHEN g.state = 'queued'
          THEN clock_timestamp() + make_interval(secs => (j.spec->>'queueTimeoutSeconds')::double precision)
          ELSE j.queue_expires_at END
      FROM given g WHERE j.id = g.job_id AND j.attempt = g.attempt AND j.state IN ('claimed', 'running')
      RETURNING j.id, j.organization_id, j.attempt, j.state, j.reason
    )
    INSERT INTO job_events (organization_id, job_id, attempt, type, data)
    SELECT organization_id, id, attempt, CASE WHEN state = 'queued' THEN 'requeued' ELSE 'finished' END,
      jsonb_build_object('state', state, 'reason', reason)
    FROM changed`,
};

/** Ends attempts that were lost and decides what follows. It works inside the caller's transaction. */
@Injectable()
export class LostAttemptRepository {
  lockExpired(tx: Queryable, limit: number): Promise<LockedAttempt[]> {
    return tx.query(LOCK_EXPIRED, [limit]);
  }

  /** @param attempts locked by this transaction, and current */
  async end(tx: Queryable, attempts: readonly LockedAttempt[], loss: JobReason): Promise<AfterLoss[]> {
    if (attempts.length === 0) return [];
    const instances = new Map(attempts.map((attempt) => [attempt.jobId, attempt.instanceId]));
    const jobs = await tx.query<JobRow>(LOCK_JOBS, [attempts.map((attempt) => attempt.jobId)]);
    const ended = jobs.map((job) => afterLoss(job, loss, instances.get(job.jobId) as InstanceId));
    await tx.query(END, [
      ended.map((job) => job.jobId),
      ended.map((job) => job.attempt),
      ended.map(() => loss),
      ended.map((job) => job.state),
      ended.map((job) => job.reason),
    ]);
    return ended;
  }
}

function afterLoss(job: JobRow, loss: JobReason, instanceId: InstanceId): AfterLoss {
  const { organizationId, jobId, attempt, lane, priority, rank } = job;
  const after = afterAttemptEnded(job, 'lost', loss);
  const state: JobState = after.kind === 'requeue' ? 'queued' : after.state;
  return { organizationId, jobId, attempt, instanceId, state, reason: after.reason, lane, priority, rank };
}
