import { Inject, Injectable } from '@nestjs/common';
import type { JobId, OrganizationId, RetrySpec } from '@dibs/shared';
import type { Queryable, Statement } from '../database/database.js';
import { afterFailure } from '../domain/job/retry.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import type { AfterLoss } from './lost-attempt.repository.js';
import type { FinalResult } from './result.repository.js';

interface JobRow {
  readonly organizationId: OrganizationId;
  readonly retry: RetrySpec | null;
  readonly failures: number;
  readonly cancelRequested: boolean;
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
  readonly concurrencyKey: string | null;
  readonly parentId: JobId | null;
}

const LOCK_JOB: Statement = {
  name: 'dispatch.retry.job',
  text: /* sql */ `
    SELECT j.organization_id AS "organizationId", s.spec->'retry' AS retry,
      1 + (SELECT count(*) FROM earlier_attempts a
        WHERE a.job_id = j.id AND a.outcome IN ('failed', 'timed_out')) AS failures,
      j.cancel_requested_at IS NOT NULL AS "cancelRequested", j.lane, j.priority, j.rank,
      j.concurrency_key AS "concurrencyKey", j.parent_id AS "parentId"
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.id = $1 AND j.attempt = $2 AND j.state IN ('claimed', 'running')
    FOR NO KEY UPDATE OF j`,
};

/**
 * The attempt ends as the result says, the job goes on. Its queue timeout begins anew with the end of the pause; its
 * place in the lane stays, so that it does not wait behind all that came meanwhile.
 */
const PAUSE: Statement = {
  name: 'dispatch.retry.pause',
  text: /* sql */ `
    WITH steps AS (
      UPDATE job_steps SET finished_at = clock_timestamp(), state = CASE WHEN $3 = 'timed_out' THEN $3 ELSE 'failed' END
      WHERE job_id = $1 AND attempt = $2 AND state = 'running'
    ), paused AS (
      UPDATE jobs j SET state = 'waiting', reason = 'retry_backoff', exit_code = NULL, started_at = NULL,
        finished_at = NULL, wake_at = clock_timestamp() + make_interval(secs => $6),
        queue_expires_at = clock_timestamp()
          + make_interval(secs => $6 + (s.spec->>'queueTimeoutSeconds')::double precision),
        ended_at = clock_timestamp(), outcome = $3, ended_reason = $4, ended_exit_code = $5, log_complete = true
      FROM job_submissions s
      WHERE j.id = $1 AND j.attempt = $2 AND j.state IN ('claimed', 'running')
        AND s.organization_id = j.organization_id AND s.id = j.id
      RETURNING j.organization_id
    )
    INSERT INTO job_events (organization_id, job_id, attempt, type, data)
    SELECT organization_id, $1, $2, 'retry_scheduled',
      jsonb_build_object('reason', $4::text, 'exitCode', $5::integer, 'delaySeconds', $6::float8)
    FROM paused`,
};

/** Decides whether a job that failed by itself is tried again, and if so ends the attempt without ending the job. */
@Injectable()
export class AfterFailure {
  constructor(@Inject(TIMING_SETTINGS) private readonly timing: TimingSettings) {}

  /**
   * Works inside a transaction that has locked the job, whose attempt is current.
   *
   * @returns what became of the job; null: nothing was written, and the result is final
   */
  async tryAgain(tx: Queryable, result: FinalResult): Promise<AfterLoss | null> {
    const { jobId, attempt, instanceId, outcome, reason, exitCode } = result;
    const [job] = await tx.query<JobRow>(LOCK_JOB, [jobId, attempt]);
    if (!job) return null;
    const after = afterFailure(job, { outcome, reason, exitCode });
    if (after.kind === 'final') return null;
    const delaySeconds = after.delaySeconds * this.timing.timeScale;
    await tx.query(PAUSE, [jobId, attempt, outcome, reason, exitCode, delaySeconds]);
    const { organizationId, lane, priority, rank, concurrencyKey, parentId } = job;
    const what = { organizationId, jobId, attempt, instanceId, lane, priority, rank, concurrencyKey, parentId };
    return { ...what, loss: null, state: 'waiting', reason: 'retry_backoff', wakeInMs: delaySeconds * 1_000 };
  }
}
