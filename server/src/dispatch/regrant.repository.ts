import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, SessionId } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';
import type { ReadyGrant } from './ready-grant.js';

/** A grant as it is stored. */
export type StoredGrant = Omit<ReadyGrant, 'secrets'> & { readonly sealedSecrets: Buffer | null };

/**
 * What the runner of these attempts never got to know. Their leases begin anew, because it could not renew them.
 *
 * Only what this very process was granted, and of which nothing was recorded since: an attempt that had begun and was
 * then forgotten would run a second time under the same number. Such a one is left to its lease, and to `onLost`. So a
 * job that counts as running here does so since the grant itself.
 */
const REGRANT: Statement = {
  name: 'dispatch.regrant',
  jsonAsText: true,
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT j.id
      FROM jobs j JOIN runner_instances i ON i.id = j.instance_id AND i.session_id = $2
      WHERE j.instance_id = $1 AND j.id = ANY($3::uuid[]) AND j.boot_id = i.boot_id AND j.last_seq = 0
        AND (j.state = 'claimed' OR j.state = 'running' AND j.started_at = j.claimed_at)
        AND NOT EXISTS (
          SELECT FROM job_steps s
          WHERE s.job_id = j.id AND s.attempt = j.attempt AND (s.step > 0 OR s.state <> 'running'))
      ORDER BY j.id
      FOR NO KEY UPDATE OF j
    ), renewed AS (
      UPDATE jobs j SET lease_expires_at = clock_timestamp() + make_interval(secs => $4)
      FROM locked l WHERE j.id = l.id
      RETURNING j.id, j.organization_id, j.attempt, j.claim_token, j.state
    )
    SELECT r.id AS "jobId", r.attempt, r.claim_token AS "claimToken", s.spec, s.secrets AS "sealedSecrets",
      CASE WHEN r.state = 'running' THEN 0 END AS "startedStep"
    FROM renewed r JOIN job_submissions s ON s.organization_id = r.organization_id AND s.id = r.id
    ORDER BY r.id`,
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
