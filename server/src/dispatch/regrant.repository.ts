import { Injectable } from '@nestjs/common';
import type { GrantedJob, InstanceId, JobId, SessionId } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';

/** A grant as it is stored. */
export type StoredGrant = Omit<GrantedJob, 'secrets'> & { readonly sealedSecrets: Buffer | null };

/**
 * What the runner of these attempts never got to know. Their leases begin anew, because it could not renew them.
 *
 * Only what this very process was granted, and of which nothing was recorded since: an attempt that had begun and was
 * then forgotten would run a second time under the same number. Such a one is left to its lease, and to `onLost`. So a
 * job that counts as running here does so since the grant itself.
 */
const REGRANT: Statement = {
  name: 'dispatch.regrant',
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT a.job_id, a.attempt
      FROM job_attempts a JOIN runner_instances i ON i.id = a.instance_id AND i.session_id = $2
      JOIN jobs j ON j.id = a.job_id
      WHERE a.instance_id = $1 AND a.job_id = ANY($3::uuid[]) AND a.ended_at IS NULL AND a.boot_id = i.boot_id
        AND a.last_seq = 0 AND (j.state = 'claimed' OR j.started_at = a.claimed_at)
        AND NOT EXISTS (
          SELECT FROM job_steps s
          WHERE s.job_id = a.job_id AND s.attempt = a.attempt AND (s.step > 0 OR s.state <> 'running'))
      ORDER BY a.job_id
      FOR NO KEY UPDATE OF a
    ), renewed AS (
      UPDATE job_attempts a SET lease_expires_at = clock_timestamp() + make_interval(secs => $4)
      FROM locked l WHERE a.job_id = l.job_id AND a.attempt = l.attempt AND a.ended_at IS NULL
      RETURNING a.job_id, a.attempt, a.claim_token
    )
    SELECT r.job_id AS "jobId", r.attempt, r.claim_token AS "claimToken", j.spec, j.secrets AS "sealedSecrets",
      CASE WHEN j.state = 'running' THEN 0 END AS "startedStep"
    FROM renewed r JOIN jobs j ON j.id = r.job_id
    ORDER BY r.job_id`,
};

@Injectable()
export class RegrantRepository {
  constructor(private readonly database: Database) {}

  /** @returns those of the jobs that are current attempts of this session's instance */
  regrant(
    session: { readonly instanceId: InstanceId; readonly sessionId: SessionId },
    jobIds: readonly JobId[],
    leaseMs: number,
    tx: Queryable = this.database,
  ): Promise<StoredGrant[]> {
    const { instanceId, sessionId } = session;
    if (jobIds.length === 0) return Promise.resolve([]);
    return tx.query<StoredGrant>(REGRANT, [instanceId, sessionId, jobIds, leaseMs / 1_000]);
  }
}
