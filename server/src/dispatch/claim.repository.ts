import { Injectable } from '@nestjs/common';
import type { ClaimId, InstanceId, JobId, JobState, OrganizationId, SessionId } from '@dibs/shared';
import { booleanArray, numberArray, textArray } from '../database/array-literals.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { Database, type Statement } from '../database/database.js';
import { RecentSpecs } from '../jobs/spec/recent-specs.js';
import type { SpecJson } from '../jobs/spec/spec-json.js';
import { ableInstance } from './able-instance.sql.js';

export interface ClaimRequest {
  readonly jobId: JobId;
  /** null: a standing claim, which nobody repeats by name. */
  readonly claimId: ClaimId | null;
  /** Made anew for this claim; a repeated claim is answered with that of the first. */
  readonly claimToken: string;
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
  /** Records the start of the first step with the claim, if the job needs no preparation. */
  readonly start?: boolean;
  /** How many instances were offered the job, and in how many rounds. */
  readonly offers?: number;
  readonly rounds?: number;
}

export interface Granted {
  readonly jobId: JobId;
  readonly claimId: ClaimId | null;
  readonly organizationId: OrganizationId;
  readonly attempt: number;
  readonly claimToken: string;
  readonly spec: SpecJson;
  readonly sealedSecrets: Buffer | null;
  readonly waitedMs: number;
  /** 0: the start of the first step was recorded with the claim; null: no step has started. */
  readonly startedStep: 0 | null;
}

export type ClaimVerdict =
  | ({ readonly verdict: 'granted' } & Granted)
  /** The session is over, or the instance drains, or the runner is disabled. */
  | { readonly verdict: 'not_allowed' }
  | { readonly verdict: 'not_queued'; readonly state: JobState | null };

/**
 * Many claims in one statement: the database picks the winners. A row that somebody else has locked is being decided
 * right now, so it is skipped instead of waited for. The attempt that the row held until now, which has ended, is set
 * aside. Losers are not in the answer: why they lost is asked for separately, because it is the exception. A claimId
 * that was ever granted is not granted again.
 *
 * A noop job runs as soon as it is claimed: no step of it is ever recorded. Who has a spec at hand does not ask for it: NULL
 * is looked up in no index.
 */
const CLAIM: Statement = {
  name: 'dispatch.claim',
  jsonAsText: true,
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT j.id, w.n, w.claim_id, w.claim_token, w.offers, w.rounds, w.wants_spec, i.runner_id, i.runner_name,
        i.id AS instance_id, i.name AS instance_name, i.boot_id, clock_timestamp() AS now,
        j.noop OR w.start AND NOT j.has_source AS starts,
        j.attempt AS before, CASE WHEN j.attempt > 0 THEN j END AS earlier
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::boolean[], $7::integer[],
        $8::integer[], $10::boolean[])
        WITH ORDINALITY AS w (job_id, claim_id, claim_token, instance_id, session_id, start, offers, rounds, wants_spec, n)
      JOIN ${ableInstance('w.instance_id', 'w.session_id')} AS i ON i.runner_name IS NOT NULL
      JOIN jobs j ON j.id = w.job_id AND j.organization_id = i.organization_id
      WHERE j.state = 'queued'
        AND (w.claim_id IS NULL OR j.claim_id IS DISTINCT FROM w.claim_id
          AND NOT EXISTS (SELECT FROM earlier_attempts e WHERE e.claim_id = w.claim_id))
      ORDER BY j.id
      FOR NO KEY UPDATE OF j SKIP LOCKED
    ), claimed AS (
      UPDATE jobs j SET state = CASE WHEN l.starts THEN 'running' ELSE 'claimed' END, reason = NULL,
        started_at = CASE WHEN l.starts THEN l.now END, attempt = j.attempt + 1, claim_id = l.claim_id,
        claim_token = l.claim_token, runner_id = l.runner_id, runner_name = l.runner_name, instance_id = l.instance_id,
        instance_name = l.instance_name, boot_id = l.boot_id, lease_expires_at = l.now + make_interval(secs => $9),
        claimed_at = l.now, ended_at = NULL, outcome = NULL, ended_reason = NULL, ended_exit_code = NULL, last_seq = 0,
        log_complete = false, offers = l.offers, rounds = l.rounds
      FROM locked l WHERE j.id = l.id
      RETURNING l.n, l.starts, l.wants_spec, j.id, j.organization_id, j.attempt, j.queued_at, j.started_at, j.noop
    ), set_aside AS (
      INSERT INTO earlier_attempts
      SELECT (earlier).id, (earlier).attempt, (earlier).organization_id, (earlier).claim_id, (earlier).claim_token,
        (earlier).runner_id, (earlier).runner_name, (earlier).instance_id, (earlier).instance_name, (earlier).boot_id,
        (earlier).lease_expires_at, (earlier).claimed_at, (earlier).ended_at, (earlier).outcome,
        (earlier).ended_reason, (earlier).ended_exit_code, (earlier).last_seq, (earlier).log_complete,
        (earlier).offers, (earlier).rounds
      FROM locked WHERE before > 0
    ), steps AS (
      INSERT INTO job_steps (job_id, attempt, step, organization_id, state, started_at)
      SELECT id, attempt, 0, organization_id, 'running', started_at FROM claimed WHERE starts AND NOT noop
    )
    SELECT c.n::integer, c.organization_id AS "organizationId", c.attempt, s.spec, s.secrets AS "sealedSecrets",
      date_part('epoch', clock_timestamp() - c.queued_at) * 1000 AS "waitedMs", c.starts
    FROM claimed c LEFT JOIN job_submissions s
      ON s.organization_id = c.organization_id AND s.id = CASE WHEN c.wants_spec THEN c.id END`,
};

/** Why claims were not granted. What it reads may be newer than what the claim saw; each verdict allows for that. */
const REFUSED: Statement = {
  name: 'dispatch.claim.refused',
  text: /* sql */ `
    SELECT w.n::integer, j.state,
      i.id IS NOT NULL AND NOT EXISTS (SELECT FROM job_attempts used WHERE used.claim_id = w.claim_id) AS allowed
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[])
      WITH ORDINALITY AS w (job_id, claim_id, instance_id, session_id, n)
    LEFT JOIN jobs j ON j.id = w.job_id
    LEFT JOIN ${ableInstance('w.instance_id', 'w.session_id')} AS i ON i.runner_name IS NOT NULL`,
};

/** The same claim again: the same attempt, and its lease begins anew because the runner could not renew it. */
const REPEAT: Statement = {
  name: 'dispatch.claim.repeat',
  jsonAsText: true,
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT j.id
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS w (job_id, claim_id, instance_id, session_id)
      JOIN jobs j ON j.id = w.job_id AND j.claim_id = w.claim_id AND j.instance_id = w.instance_id
      JOIN runner_instances i ON i.id = j.instance_id AND i.session_id = w.session_id
      WHERE j.state IN ('claimed', 'running')
      ORDER BY j.id
      FOR NO KEY UPDATE OF j
    ), renewed AS (
      UPDATE jobs j SET lease_expires_at = clock_timestamp() + make_interval(secs => $5)
      FROM locked l WHERE j.id = l.id
      RETURNING j.id, j.claim_id, j.claim_token, j.organization_id, j.attempt
    )
    SELECT j.id AS "jobId", j.claim_id AS "claimId", j.claim_token AS "claimToken",
      j.organization_id AS "organizationId", j.attempt, s.spec, s.secrets AS "sealedSecrets", 0 AS "waitedMs",
      NULL::integer AS "startedStep"
    FROM renewed j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id`,
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
  constructor(
    private readonly database: Database,
    private readonly specs: RecentSpecs,
  ) {}

  /** @returns one verdict for each request, in order. A job must not repeat within one call. */
  async claim(requests: readonly ClaimRequest[], leaseMs: number): Promise<ClaimVerdict[]> {
    try {
      return await this.claimTogether(requests, leaseMs);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // a claimId that was used before, or that two runners invented alike, must not fail the others
      if (requests.length === 1) return [{ verdict: 'not_allowed' }];
      const verdicts: ClaimVerdict[] = [];
      for (const request of requests) verdicts.push(...(await this.claim([request], leaseMs)));
      return verdicts;
    }
  }

  /** @returns what is still current of these claims of this session */
  repeat(requests: readonly ClaimRequest[], leaseMs: number): Promise<Granted[]> {
    return this.database.query(REPEAT, [
      textArray(requests, (request) => request.jobId),
      textArray(requests, (request) => request.claimId),
      textArray(requests, (request) => request.instanceId),
      textArray(requests, (request) => request.sessionId),
      leaseMs / 1_000,
    ]);
  }

  known(claimIds: readonly ClaimId[]): Promise<KnownClaim[]> {
    return this.database.query(KNOWN, [textArray(claimIds)]);
  }

  private async claimTogether(requests: readonly ClaimRequest[], leaseMs: number): Promise<ClaimVerdict[]> {
    // taken out now: others may be kept in their place before the answer is here
    const specs = requests.map(({ jobId }) => this.specs.of(jobId));
    const rows = await this.database.query<ClaimRow>(CLAIM, [
      textArray(requests, (request) => request.jobId),
      textArray(requests, (request) => request.claimId),
      textArray(requests, (request) => request.claimToken),
      textArray(requests, (request) => request.instanceId),
      textArray(requests, (request) => request.sessionId),
      booleanArray(requests, (request) => request.start ?? false),
      numberArray(requests, (request) => request.offers ?? 0),
      numberArray(requests, (request) => request.rounds ?? 0),
      leaseMs / 1_000,
      booleanArray(specs, (spec) => spec === undefined),
    ]);
    const verdicts = Array<ClaimVerdict | undefined>(requests.length).fill(undefined);
    // field by field: to spread rows takes longer than all the rest of a grant
    for (const { n, starts, organizationId, attempt, spec, sealedSecrets, waitedMs } of rows) {
      const { jobId, claimId, claimToken, start } = requests[n - 1]!;
      this.specs.forget(jobId);
      verdicts[n - 1] = {
        verdict: 'granted',
        jobId,
        claimId,
        organizationId,
        attempt,
        claimToken,
        spec: specs[n - 1] ?? spec!,
        sealedSecrets,
        waitedMs,
        startedStep: starts && start === true ? 0 : null,
      };
    }
    const lost = rows.length < requests.length ? requests.filter((_, index) => verdicts[index] === undefined) : [];
    const refusals = await this.refusals(lost);
    return verdicts.map((verdict) => verdict ?? refusals.shift()!);
  }

  private async refusals(requests: readonly ClaimRequest[]): Promise<ClaimVerdict[]> {
    if (requests.length === 0) return [];
    const rows = await this.database.query<RefusedRow>(REFUSED, [
      textArray(requests, (request) => request.jobId),
      textArray(requests, (request) => request.claimId),
      textArray(requests, (request) => request.instanceId),
      textArray(requests, (request) => request.sessionId),
    ]);
    const verdicts = Array<ClaimVerdict>(requests.length);
    for (const { n, state, allowed } of rows) {
      verdicts[n - 1] = allowed ? { verdict: 'not_queued', state } : { verdict: 'not_allowed' };
    }
    return verdicts;
  }
}

type ClaimRow = Pick<Granted, 'organizationId' | 'attempt' | 'sealedSecrets' | 'waitedMs'> & {
  readonly n: number;
  readonly starts: boolean;
  /** null: not asked for. */
  readonly spec: SpecJson | null;
};

interface RefusedRow {
  readonly n: number;
  readonly state: JobState | null;
  readonly allowed: boolean;
}
