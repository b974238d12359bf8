import type { Statement } from '../database/database.js';
import { ableInstance } from '../dispatch/able-instance.sql.js';

/** One row for each new job; what is left out of the JSON is null. */
const INPUT = /* sql */ `
      SELECT i.*, statement_timestamp() AS now, h.id AS instance_id, h.name AS instance_name, h.boot_id, h.runner_id, h.runner_name
      FROM json_to_recordset($1::json) AS i (
        id uuid, organization_id uuid, name text, state text, reason text, spec jsonb, secrets text, secret_names text[],
        lane text, rank bigint, priority integer, on_lost text, max_attempts integer, slots integer,
        concurrency_key text, concurrency_limit integer, stack_id uuid, namespace_id uuid, module_id uuid,
        parent_id uuid, idempotency_key text, idempotency_hash text, retry_of uuid, submitted_by text,
        queue_seconds integer, instance uuid, session uuid, claim_token text, lease_seconds double precision,
        start boolean, supersede text, step_count integer, noop boolean, retries boolean, has_source boolean)
      -- the checks of a claim: whoever may not claim now does not get the job, which is queued instead
      LEFT JOIN ${ableInstance('i.instance', 'i.session')} AS h
        ON h.organization_id = i.organization_id AND h.runner_name IS NOT NULL`;

const SUBMISSIONS = /* sql */ `
      INSERT INTO job_submissions (id, organization_id, name, spec, secrets, secret_names, on_lost, max_attempts, stack_id,
        namespace_id, module_id, idempotency_key, idempotency_hash, retry_of, submitted_by, created_at)
      SELECT id, organization_id, name, spec, decode(secrets, 'base64'), COALESCE(secret_names, '{}'), on_lost,
        max_attempts, stack_id, namespace_id, module_id, idempotency_key, idempotency_hash, retry_of, submitted_by, now
      FROM input`;

/** With its first attempt, if it is granted to a standing claim. */
const JOBS = /* sql */ `
      INSERT INTO jobs (id, organization_id, parent_id, lane, rank, priority, slots, concurrency_key, concurrency_limit,
        supersede, step_count, noop, retries, has_source, state, reason, queued_at, queue_expires_at, started_at,
        attempt, claim_token, runner_id, runner_name, instance_id, instance_name, boot_id, lease_expires_at, claimed_at)
      SELECT id, organization_id, parent_id, lane, rank, priority, slots, concurrency_key, concurrency_limit, supersede,
        step_count, COALESCE(noop, false), COALESCE(retries, false), COALESCE(has_source, false),
        CASE WHEN instance_id IS NULL THEN state WHEN start THEN 'running' ELSE 'claimed' END, reason,
        CASE WHEN state = 'queued' THEN now END, now + make_interval(secs => queue_seconds),
        CASE WHEN instance_id IS NOT NULL AND start THEN now END,
        CASE WHEN instance_id IS NULL THEN 0 ELSE 1 END, CASE WHEN instance_id IS NOT NULL THEN claim_token END, runner_id, runner_name, instance_id,
        instance_name, boot_id, CASE WHEN instance_id IS NOT NULL THEN now + make_interval(secs => lease_seconds) END,
        CASE WHEN instance_id IS NOT NULL THEN now END
      FROM input`;

const STEPS_AND_ANSWER = /* sql */ `
      RETURNING id, organization_id, attempt, started_at, noop
    ), steps AS (
      INSERT INTO job_steps (job_id, attempt, step, organization_id, state, started_at)
      SELECT n.id, 1, 0, n.organization_id, 'running', n.started_at
      FROM inserted n WHERE n.started_at IS NOT NULL AND NOT n.noop
    )
    SELECT id, attempt, date_part('epoch', statement_timestamp()) * 1000 AS "createdMs" FROM inserted`;

/**
 * Many new jobs in one statement ($1: a JSON array). A job that names a standing claim is stored already claimed, with
 * its attempt and the start of its first step, in the same commit.
 */
export const INSERT_JOBS: Statement = {
  name: 'insert-jobs',
  text: /* sql */ `
    WITH input AS MATERIALIZED (${INPUT}
    ), submissions AS (${SUBMISSIONS}
    ), inserted AS (${JOBS}${STEPS_AND_ANSWER}`,
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
    ), submissions AS (${SUBMISSIONS}
      ORDER BY organization_id, idempotency_key, id
      ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id
    ), inserted AS (${JOBS} WHERE id IN (SELECT id FROM submissions)${STEPS_AND_ANSWER}`,
};
