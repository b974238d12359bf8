import { Injectable, Logger } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { booleanArray, numberArray, textArray, uuidArray } from '../database/array-literals.js';
import { isLockTimeout } from '../database/database-errors.js';
import { Database, type Statement } from '../database/database.js';
import { distinct } from '../database/distinct.js';
import { RecentSpecs } from '../jobs/spec/recent-specs.js';
import type { SpecJson } from '../jobs/spec/spec-json.js';
import { ableInstance } from './able-instance.sql.js';
import { ClaimRepository, type ClaimRequest, type ClaimVerdict } from './claim.repository.js';
import { lockingOrder } from './locking-order.js';

/** A claim that its instance made ahead of time, for any job. */
export interface GrantRequest extends ClaimRequest {
  readonly claimId: null;
  readonly organizationId: OrganizationId;
  readonly start: true;
}

/** Longer than statements about single jobs hold a row. For each row; who holds it for longer is not waited for. */
const LOCK_TIMEOUT_MS = 10;
/** After a lock that lasted: rows are passed over, by the statement for all claims, instead of waited for. */
const CAREFUL_MS = 1_000;

/**
 * First attempts for standing claims, nearly all that is ever granted: a third cheaper than the statement for all claims
 * (docs/decisions/0044, 0046). There is no claimId that may have been used before and no earlier attempt to set aside, and what is
 * asked of an instance is asked once, however many jobs it gets (`$5`, from 1: which of the instances gets a job). What it
 * leaves out is claimed as any other. Rows are locked in the order of the arrays, so they have to come in the order of job ids,
 * as everywhere. One that somebody else has locked is waited for, not long: then the statement fails, and nothing was done.
 */
const FIRST_ATTEMPTS: Statement = {
  name: 'dispatch.grant.first-attempts',
  jsonAsText: true,
  text: /* sql */ `
    WITH able AS MATERIALIZED (
      SELECT array_agg(i.organization_id ORDER BY w.n) AS organization_ids, array_agg(i.runner_id ORDER BY w.n) AS runner_ids,
        array_agg(i.runner_name ORDER BY w.n) AS runner_names, array_agg(i.name ORDER BY w.n) AS instance_names,
        array_agg(i.boot_id ORDER BY w.n) AS boot_ids, set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true)
      FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS w (instance_id, session_id, n)
      LEFT JOIN ${ableInstance('w.instance_id', 'w.session_id')} AS i ON i.runner_name IS NOT NULL
    ), claimed AS (
      UPDATE jobs j SET state = CASE WHEN j.noop OR NOT j.has_source THEN 'running' ELSE 'claimed' END, reason = NULL,
        started_at = CASE WHEN j.noop OR NOT j.has_source THEN g.now END, attempt = 1, claim_token = g.claim_token,
        runner_id = (SELECT runner_ids FROM able)[g.instance], runner_name = (SELECT runner_names FROM able)[g.instance],
        instance_id = ($1::uuid[])[g.instance], instance_name = (SELECT instance_names FROM able)[g.instance],
        boot_id = (SELECT boot_ids FROM able)[g.instance], lease_expires_at = g.now + make_interval(secs => $7),
        claimed_at = g.now
      FROM (
        SELECT w.*, clock.now FROM (SELECT clock_timestamp() AS now OFFSET 0) AS clock,
          unnest($3::uuid[], $4::text[], $5::integer[], $6::boolean[])
          WITH ORDINALITY AS w (job_id, claim_token, instance, wants_spec, n)
      ) AS g
      WHERE j.id = g.job_id AND j.organization_id = (SELECT organization_ids FROM able)[g.instance]
        AND j.state = 'queued' AND j.attempt = 0
      RETURNING g.n, g.wants_spec, j.id, j.organization_id, j.queued_at, j.started_at, j.noop
    ), steps AS (
      INSERT INTO job_steps (job_id, attempt, step, organization_id, state, started_at)
      SELECT id, 1, 0, organization_id, 'running', started_at FROM claimed WHERE started_at IS NOT NULL AND NOT noop
    )
    SELECT c.n::integer, s.spec, s.secrets AS "sealedSecrets",
      (date_part('epoch', clock_timestamp() - c.queued_at) * 1000)::bigint AS "waitedMs", c.started_at IS NOT NULL AS starts
    FROM claimed c LEFT JOIN job_submissions s
      ON s.organization_id = c.organization_id AND s.id = CASE WHEN c.wants_spec THEN c.id END`,
};

/** What standing claims become. */
@Injectable()
export class GrantRepository {
  private readonly logger = new Logger(GrantRepository.name);
  /** Monotonic. Until then nothing waits for a lock, because one that lasts was met. */
  private carefulUntilMs = 0;

  constructor(
    private readonly database: Database,
    private readonly claims: ClaimRepository,
    private readonly specs: RecentSpecs,
  ) {}

  /** @returns one verdict for each request, in order. A job must not repeat within one call. */
  async grant(requests: readonly GrantRequest[], leaseMs: number): Promise<ClaimVerdict[]> {
    const verdicts = await this.grantFirst(requests, leaseMs);
    const left = requests.filter((_, index) => verdicts[index] === undefined);
    const rest = left.length > 0 ? await this.claims.claim(left, leaseMs) : [];
    return verdicts.map((verdict) => verdict ?? rest.shift()!);
  }

  private async grantFirst(requests: readonly GrantRequest[], leaseMs: number): Promise<(ClaimVerdict | undefined)[]> {
    const verdicts = Array<ClaimVerdict | undefined>(requests.length).fill(undefined);
    if (performance.now() < this.carefulUntilMs) return verdicts;
    const { sorted, places } = lockingOrder(requests);
    // taken out now: others may be kept in their place before the answer is here
    const specs = this.specsOf(sorted);
    for (const row of await this.write(sorted, specs, leaseMs)) {
      const request = sorted[row.n - 1]!;
      this.specs.forget(request.jobId);
      verdicts[places[row.n - 1]!] = granted(request, row, specs[row.n - 1]);
    }
    return verdicts;
  }

  private specsOf(requests: readonly GrantRequest[]): (SpecJson | undefined)[] {
    const specs: (SpecJson | undefined)[] = [];
    for (const { jobId } of requests) specs.push(this.specs.of(jobId));
    return specs;
  }

  /** @returns nothing when somebody holds one of the jobs */
  private async write(
    requests: readonly GrantRequest[],
    specs: readonly (SpecJson | undefined)[],
    leaseMs: number,
  ): Promise<readonly FirstAttempt[]> {
    const { kinds, places } = distinct(requests, ({ sessionId }) => sessionId);
    const values = [
      uuidArray(kinds, ({ instanceId }) => instanceId),
      uuidArray(kinds, ({ sessionId }) => sessionId),
      uuidArray(requests, ({ jobId }) => jobId),
      textArray(requests, ({ claimToken }) => claimToken),
      numberArray(places),
      booleanArray(specs, (spec) => spec === undefined),
      leaseMs / 1_000,
    ];
    try {
      return await this.database.query<FirstAttempt>(FIRST_ATTEMPTS, values);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      this.logger.debug(
        { jobs: requests.length },
        'somebody holds one of these jobs: rows that are held are passed over for a second',
      );
      this.carefulUntilMs = performance.now() + CAREFUL_MS;
      return [];
    }
  }
}

/** Field by field: to spread rows takes longer than all the rest of a grant. */
function granted(
  { jobId, organizationId, claimToken }: GrantRequest,
  { spec, sealedSecrets, waitedMs, starts }: FirstAttempt,
  knownSpec: SpecJson | undefined,
): ClaimVerdict {
  return {
    verdict: 'granted',
    jobId,
    claimId: null,
    organizationId,
    attempt: 1,
    claimToken,
    spec: knownSpec ?? spec!,
    sealedSecrets,
    waitedMs,
    startedStep: starts ? 0 : null,
  };
}

interface FirstAttempt {
  readonly n: number;
  /** null: not asked for. */
  readonly spec: SpecJson | null;
  readonly sealedSecrets: Buffer | null;
  readonly waitedMs: number;
  readonly starts: boolean;
}
