import { Injectable } from '@nestjs/common';
import type { CancelMode, HeldAttempt, InstanceId, JobId, SessionId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';

export interface RenewRequest {
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
  readonly draining: boolean;
  readonly held: readonly HeldAttempt[];
}

export interface RenewResult {
  /** false: this is no longer the live session of the instance. */
  readonly live: boolean;
  readonly drainRequested: boolean;
  /** It told for the first time that it drains, or that it does not any more. */
  readonly hasTurned: boolean;
  /** null: the drain waits for what runs. */
  readonly drainDeadlineMs: number | null;
  readonly renewed: readonly RenewedAttempt[];
  /** Attempts of the instance that are current by the database: what it holds, and what else is of this process. */
  readonly current: readonly JobId[];
}

export interface RenewedAttempt {
  readonly jobId: JobId;
  readonly attempt: number;
  /** null: no cancel is open. */
  readonly cancelMode: CancelMode | null;
}

/**
 * Heartbeats and leases of many instances in one statement, fenced by the session and by each attempt's token. Locks
 * are taken in the order of ids, instances before jobs, as everywhere.
 */
const RENEW: Statement = {
  name: 'dispatch.renew',
  text: /* sql */ `
    WITH beats AS (
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS b (instance_id, session_id, draining)
      ORDER BY instance_id
    ), beating AS MATERIALIZED (
      -- the limit here and the arrays below leave the planner only look-ups by id, as in ableInstance
      SELECT i.id, b.draining, i.draining AS was_draining
      FROM beats b CROSS JOIN LATERAL (
        SELECT id, draining FROM runner_instances
        WHERE id = b.instance_id AND session_id = b.session_id
        LIMIT 1
        FOR NO KEY UPDATE) i
    ), seen AS (
      UPDATE runner_instances i
      SET last_seen_at = clock_timestamp(), draining = i.id = ANY (ARRAY(SELECT id FROM beating WHERE draining))
      WHERE i.id = ANY (ARRAY(SELECT id FROM beating))
      RETURNING i.id, i.organization_id, i.session_id, i.boot_id, i.drain_requested, i.drain_deadline,
        i.draining <> (i.id = ANY (ARRAY(SELECT id FROM beating WHERE was_draining))) AS has_turned
    ), locked AS MATERIALIZED (
      SELECT j.id, j.lease_expires_at AS old_expiry
      FROM unnest($4::uuid[], $5::uuid[], $6::integer[], $7::text[]) AS h (instance_id, job_id, attempt, claim_token)
      JOIN beating b ON b.id = h.instance_id
      JOIN jobs j ON j.id = h.job_id AND j.attempt = h.attempt
        AND j.claim_token = h.claim_token AND j.instance_id = h.instance_id
      WHERE j.state IN ('claimed', 'running')
      ORDER BY j.id
      FOR NO KEY UPDATE OF j
    ), renewed AS (
      UPDATE jobs j SET lease_expires_at = clock_timestamp() + make_interval(secs => $8)
      FROM locked l WHERE j.id = l.id
      RETURNING j.instance_id, j.id, j.attempt, j.organization_id, j.runner_name, j.instance_name, j.cancel_mode,
        $8 * 1000 - extract(epoch FROM l.old_expiry - clock_timestamp()) * 1000 AS gap_ms
    ), gaps AS (
      -- what the time line tells of a runner that was late; a lease that goes on in time leaves no row
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, id, attempt, 'renewal_gap', jsonb_build_object('gapMs', round(gap_ms),
        'runner', runner_name, 'instance', instance_name)
      FROM renewed WHERE gap_ms > $9
    )
    SELECT s.session_id AS "sessionId", s.drain_requested AS "drainRequested", s.has_turned AS "hasTurned",
      CASE WHEN s.drain_requested AND s.drain_deadline IS NOT NULL THEN GREATEST(0, round(extract(epoch FROM s.drain_deadline - clock_timestamp()) * 1000))
        END::float8 AS "drainDeadlineMs",
      COALESCE((SELECT json_agg(json_build_object('jobId', r.id, 'attempt', r.attempt, 'cancelMode', r.cancel_mode))
        FROM renewed r WHERE r.instance_id = s.id), '[]') AS renewed,
      ARRAY(SELECT j.id::text FROM jobs j
        WHERE j.organization_id = s.organization_id AND j.instance_id = s.id AND j.stage = 'held'
          AND (j.boot_id = s.boot_id OR j.id IN (SELECT r.id FROM renewed r))) AS current
    FROM seen s`,
};

type RenewRow = Omit<RenewResult, 'live'> & { readonly sessionId: SessionId };

const GONE: RenewResult = {
  ...{ live: false, drainRequested: false, hasTurned: false },
  ...{ drainDeadlineMs: null, renewed: [], current: [] },
};

@Injectable()
export class LeaseRepository {
  constructor(private readonly database: Database) {}

  /**
   * @param gapMs a lease that went so long without renewal is worth a line in the job's time line
   * @returns one result for each request, in order; requests of the same session share one result
   */
  async renew(requests: readonly RenewRequest[], leaseMs: number, gapMs: number): Promise<RenewResult[]> {
    const held = requests.flatMap(({ instanceId, held }) => held.map((attempt) => ({ instanceId, ...attempt })));
    const rows = await this.database.query<RenewRow>(RENEW, [
      requests.map((request) => request.instanceId),
      requests.map((request) => request.sessionId),
      requests.map((request) => request.draining),
      held.map((attempt) => attempt.instanceId),
      held.map((attempt) => attempt.jobId),
      held.map((attempt) => attempt.attempt),
      held.map((attempt) => attempt.claimToken),
      leaseMs / 1_000,
      gapMs,
    ]);
    const bySession = new Map(rows.map((row) => [row.sessionId, row]));
    return requests.map(({ sessionId }) => {
      const row = bySession.get(sessionId);
      return row ? { live: true, ...row } : GONE;
    });
  }
}
