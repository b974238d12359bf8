import type { Statement } from '../database/database.js';

/** One row for each new job; what is left out of the JSON is null. */
const INPUT = /* sql */ `
      SELECT i.*, clock_timestamp() AS now, h.id AS instance_id, h.name AS instance_name, h.boot_id, h.runner_id, h.runner_name
      FROM json_to_recordset($1::json) AS i (
        id uuid, organization_id uuid, name text, state text, reason text, spec jsonb, secrets text, secret_names text[],
        lane text, rank bigint, priority integer, on_lost text, max_attempts integer, slots integer,
        concurrency_key text, concurrency_limit integer, stack_id uuid, namespace_id uuid, module_id uuid,
        parent_id uuid, idempotency_key text, idempotency_hash text, retry_of uuid, submitted_by text,
        queue_seconds integer, instance uuid, session uuid, claim_token text, lease_seconds double precision,
        start boolean)
      -- the checks of a claim: whoever may not claim now does not get the job, which is queued instead
      LEFT JOIN LATERAL (
        SELECT i2.id, i2.name, i2.boot_id, i2.runner_id, r.name AS runner_name
        FROM runner_instances i2 JOIN runners r ON r.id = i2.runner_id
        WHERE i2.id = i.instance AND i2.session_id = i.session AND i2.organization_id = i.organization_id
          AND NOT i2.draining AND NOT i2.drain_requested AND r.disabled_at IS NULL
      ) AS h ON i.instance IS NOT NULL`;

const INSERT = /* sql */ `
      INSERT INTO jobs (id, organization_id, name, state, reason, spec, secrets, secret_names, lane, rank, priority,
        on_lost, max_attempts, slots, concurrency_key, concurrency_limit, stack_id, namespace_id, module_id, parent_id,
        idempotency_key, idempotency_hash, retry_of, submitted_by, created_at, queued_at, queue_expires_at, attempt,
        started_at)
      SELECT id, organization_id, name,
        CASE WHEN instance_id IS NULL THEN state WHEN start THEN 'running' ELSE 'claimed' END,
        reason, spec, decode(secrets, 'base64'), COALESCE(secret_names, '{}'), lane, rank, priority,
        on_lost, max_attempts, slots, concurrency_key, concurrency_limit, stack_id, namespace_id, module_id, parent_id,
        idempotency_key, idempotency_hash, retry_of, submitted_by, now, CASE WHEN state = 'queued' THEN now END,
        now + make_interval(secs => queue_seconds), CASE WHEN instance_id IS NULL THEN 0 ELSE 1 END,
        CASE WHEN instance_id IS NOT NULL AND start THEN now END
      FROM input`;

const ATTEMPTS = /* sql */ `
      INSERT INTO job_attempts (job_id, attempt, organization_id, claim_token, runner_id, runner_name, instance_id,
        instance_name, boot_id, lease_expires_at, claimed_at)
      SELECT id, 1, organization_id, claim_token, runner_id, runner_name, instance_id, instance_name,
        boot_id, now + make_interval(secs => lease_seconds), now
      FROM input WHERE instance_id IS NOT NULL`;

const STEPS_AND_ANSWER = /* sql */ `
    ), steps AS (
      INSERT INTO job_steps (job_id, attempt, step, organization_id, state, started_at)
      SELECT n.id, 1, 0, n.organization_id, 'running', n.started_at
      FROM inserted n WHERE n.started_at IS NOT NULL AND NOT n.noop
    )
    SELECT id, attempt, date_part('epoch', created_at) * 1000 AS "createdMs" FROM inserted`;

const RETURNING = 'RETURNING id, organization_id, attempt, created_at, started_at, noop';

/**
 * Many new jobs in one statement ($1: a JSON array). A job that names a standing claim is stored already claimed, with
 * its attempt and the start of its first step, in the same commit.
 */
export const INSERT_JOBS: Statement = {
  name: 'insert-jobs',
  text: /* sql */ `
    WITH input AS MATERIALIZED (${INPUT}
    ), inserted AS (${INSERT}
      ${RETURNING}
    ), attempts AS (${ATTEMPTS}${STEPS_AND_ANSWER}`,
};

/**
 * The same for jobs of which some have an idempotency key. One whose key is taken is left out of the answer. The order
 * of insertion is that of the unique index, so that two statements with the same keys wait for each other instead of
 * deadlocking. It costs more, because every row is inserted as one that may have to be taken back.
 */
export const INSERT_KEYED_JOBS: Statement = {
  name: 'insert-keyed-jobs',
  text: /* sql */ `
    WITH input AS MATERIALIZED (${INPUT}
    ), inserted AS (${INSERT}
      ORDER BY organization_id, idempotency_key, id
      ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      ${RETURNING}
    ), attempts AS (${ATTEMPTS} AND id IN (SELECT id FROM inserted)${STEPS_AND_ANSWER}`,
};
