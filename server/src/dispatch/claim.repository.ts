import { Injectable } from '@nestjs/common';
import type { ClaimId, InstanceId, JobId, JobSpec, JobState, OrganizationId, SessionId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';

export interface ClaimRequest {
  readonly jobId: JobId;
  readonly claimId: ClaimId;
  /** Made anew for this claim; a repeated claim is answered with that of the first. */
  readonly claimToken: string;
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
}

export interface Granted {
  readonly jobId: JobId;
  readonly claimId: ClaimId;
  readonly organizationId: OrganizationId;
  readonly attempt: number;
  readonly claimToken: string;
  readonly spec: JobSpec;
  readonly sealedSecrets: Buffer | null;
  readonly waitedMs: number;
}

export type ClaimVerdict =
  | ({ readonly verdict: 'granted' } & Granted)
  /** The session is over, or the instance drains, or the runner is disabled. */
  | { readonly verdict: 'not_allowed' }
  | { readonly verdict: 'not_queued'; readonly state: JobState | null };

/**
 * Many claims in one statement: the database picks the winners. A row that somebody else has locked is being decided
 * right now, so it is skipped instead of waited for. `attempt + 1` and the new attempt row are one and the same
 * decision, and the partial unique index on current attempts would refuse a second one.
 */
const CLAIM: Statement = {
  name: 'dispatch.claim',
  text: /* sql */ `
    WITH wanted AS (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[])
        AS w (job_id, claim_id, claim_token, instance_id, session_id)
    ), allowed AS MATERIALIZED (
      SELECT w.*, i.name AS instance_name, i.organization_id, i.runner_id, r.name AS runner_name
      FROM wanted w
      JOIN runner_instances i ON i.id = w.instance_id AND i.session_id = w.session_id
      JOIN runners r ON r.id = i.runner_id
      WHERE NOT i.draining AND NOT i.drain_requested AND r.disabled_at IS NULL
        AND NOT EXISTS (SELECT FROM job_attempts used WHERE used.claim_id = w.claim_id)
    ), locked AS MATERIALIZED (
      SELECT j.id, a.*
      FROM allowed a
      JOIN jobs j ON j.id = a.job_id AND j.organization_id = a.organization_id
      WHERE j.state = 'queued'
      ORDER BY j.id
      FOR NO KEY UPDATE OF j SKIP LOCKED
    ), claimed AS (
      UPDATE jobs j SET state = 'claimed', reason = NULL, attempt = j.attempt + 1
      FROM locked l WHERE j.id = l.id
      RETURNING l.*, j.attempt, j.spec, j.secrets, j.queued_at
    ), attempts AS (
      INSERT INTO job_attempts (job_id, attempt, organization_id, claim_id, claim_token, runner_id, runner_name,
        instance_id, instance_name, lease_expires_at, claimed_at)
      SELECT c.id, c.attempt, c.organization_id, c.claim_id, c.claim_token, c.runner_id, c.runner_name,
        c.instance_id, c.instance_name, clock_timestamp() + make_interval(secs => $6), clock_timestamp()
      FROM claimed c
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT c.organization_id, c.id, c.attempt, 'claimed',
        jsonb_build_object('runner', c.runner_name, 'instance', c.instance_name)
      FROM claimed c
    )
    SELECT w.job_id AS "jobId", w.claim_id AS "claimId", w.claim_token AS "claimToken",
      c.organization_id AS "organizationId", c.attempt, c.spec, c.secrets AS "sealedSecrets",
      (extract(epoch FROM clock_timestamp() - c.queued_at) * 1000)::float8 AS "waitedMs",
      CASE WHEN c.id IS NOT NULL THEN 'granted'
        WHEN NOT EXISTS (SELECT FROM allowed a WHERE a.claim_id = w.claim_id) THEN 'not_allowed'
        ELSE 'not_queued' END AS verdict,
      CASE WHEN c.id IS NULL THEN (SELECT j.state FROM jobs j WHERE j.id = w.job_id) END AS state
    FROM wanted w LEFT JOIN claimed c ON c.claim_id = w.claim_id`,
};

/** The same claim again: the same attempt, and its lease begins anew because the runner could not renew it. */
const REPEAT: Statement = {
  name: 'dispatch.claim.repeat',
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT a.job_id, a.attempt
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS w (job_id, claim_id, instance_id, session_id)
      JOIN job_attempts a ON a.claim_id = w.claim_id AND a.job_id = w.job_id AND a.instance_id = w.instance_id
      JOIN runner_instances i ON i.id = a.instance_id AND i.session_id = w.session_id
      WHERE a.ended_at IS NULL
      ORDER BY a.job_id
      FOR NO KEY UPDATE OF a
    ), renewed AS (
      UPDATE job_attempts a SET lease_expires_at = clock_timestamp() + make_interval(secs => $5)
      FROM locked l WHERE a.job_id = l.job_id AND a.attempt = l.attempt AND a.ended_at IS NULL
      RETURNING a.*
    )
    SELECT a.job_id AS "jobId", a.claim_id AS "claimId", a.claim_token AS "claimToken",
      a.organization_id AS "organizationId", a.attempt, j.spec, j.secrets AS "sealedSecrets", 0 AS "waitedMs"
    FROM renewed a JOIN jobs j ON j.id = a.job_id`,
};

/** Which of these claims were granted before, to whom, and whether their attempt is over. */
const KNOWN: Statement = {
  name: 'dispatch.claim.known',
  text: /* sql */ `
    SELECT claim_id AS "claimId", job_id AS "jobId", instance_id AS "instanceId", ended_at IS NOT NULL AS ended
    FROM job_attempts WHERE claim_id = ANY($1::uuid[])`,
};

export interface KnownClaim {
  readonly claimId: ClaimId;
  readonly jobId: JobId;
  readonly instanceId: InstanceId;
  readonly ended: boolean;
}

@Injectable()
export class ClaimRepository {
  constructor(private readonly database: Database) {}

  /** @returns one verdict for each request, in order */
  async claim(requests: readonly ClaimRequest[], leaseMs: number): Promise<ClaimVerdict[]> {
    const rows = await this.database.query<ClaimVerdict & { claimId: ClaimId }>(CLAIM, [
      requests.map((request) => request.jobId),
      requests.map((request) => request.claimId),
      requests.map((request) => request.claimToken),
      requests.map((request) => request.instanceId),
      requests.map((request) => request.sessionId),
      leaseMs / 1_000,
    ]);
    const byClaim = new Map(rows.map((row) => [row.claimId, row]));
    return requests.map(({ claimId }) => byClaim.get(claimId) ?? { verdict: 'not_queued', state: null });
  }

  /** @returns what is still current of these claims of this session */
  repeat(requests: readonly ClaimRequest[], leaseMs: number): Promise<Granted[]> {
    return this.database.query(REPEAT, [
      requests.map((request) => request.jobId),
      requests.map((request) => request.claimId),
      requests.map((request) => request.instanceId),
      requests.map((request) => request.sessionId),
      leaseMs / 1_000,
    ]);
  }

  known(claimIds: readonly ClaimId[]): Promise<KnownClaim[]> {
    return this.database.query(KNOWN, [claimIds]);
  }
}
