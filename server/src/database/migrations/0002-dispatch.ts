import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What dispatch at any scale needs of the tables of the first migration.
 *
 * The order of a lane becomes one number that never changes (`rank`), so that ageing needs no clock. Partial indexes
 * ask generated columns instead of `state`: PostgreSQL compares old and new values of everything an index mentions, so
 * an UPDATE that changes the state but neither `queued` nor `phase` stays heap-only and touches no index. That is the
 * way of every job that is granted when it is submitted and succeeds.
 *
 * The foreign keys that go are those whose statements join the parent row anyway: docs/decisions/0007 has the figures.
 */
export class Dispatch1763769600000 implements MigrationInterface {
  readonly name = 'Dispatch1763769600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE jobs
        -- milliseconds of the submit, less a head start for each point of priority; smaller goes first
        ADD COLUMN rank bigint,
        ADD COLUMN slots integer NOT NULL DEFAULT 1,
        ADD COLUMN concurrency_key text,
        ADD COLUMN concurrency_limit integer,
        -- the earliest time at which a waiting job may be queued (the pause before another try)
        ADD COLUMN wake_at timestamptz,
        -- the fan-out job that this one is a child of
        ADD COLUMN parent_id uuid,
        ADD COLUMN stack_id uuid,
        ADD COLUMN namespace_id uuid,
        ADD COLUMN module_id uuid,
        ADD COLUMN queued boolean NOT NULL GENERATED ALWAYS AS (state = 'queued') STORED,
        -- the state as far as lists need an index for it: from the claim to success it stays the same
        ADD COLUMN phase text NOT NULL GENERATED ALWAYS AS (
          CASE WHEN state IN ('claimed', 'running', 'succeeded') THEN 'taken' ELSE state END) STORED,
        -- the concurrency group that an unfinished job counts in
        ADD COLUMN open_group text GENERATED ALWAYS AS (
          CASE WHEN state IN ('waiting', 'queued', 'claimed', 'running') THEN concurrency_key END) STORED,
        -- what a result asks of the spec, which may be a megabyte
        ADD COLUMN step_count integer GENERATED ALWAYS AS (jsonb_array_length(spec->'steps')) STORED,
        ADD COLUMN noop boolean NOT NULL GENERATED ALWAYS AS (
          COALESCE(spec->'executor'->>'type' = 'noop', false)) STORED,
        ADD COLUMN retries boolean NOT NULL GENERATED ALWAYS AS (
          COALESCE(jsonb_typeof(spec->'retry') = 'object', false)) STORED,
        DROP CONSTRAINT jobs_on_lost_check,
        ADD CONSTRAINT jobs_on_lost_check CHECK (on_lost IN ('requeue', 'fail', 'wait')),
        ADD CONSTRAINT jobs_concurrency_check CHECK ((concurrency_key IS NULL) = (concurrency_limit IS NULL)),
        ADD FOREIGN KEY (organization_id, parent_id) REFERENCES jobs (organization_id, id);

      UPDATE jobs SET rank = floor(extract(epoch FROM created_at) * 1000) - priority * 300000::bigint;
      ALTER TABLE jobs ALTER COLUMN rank SET NOT NULL;

      DROP INDEX jobs_queue, jobs_queue_expiry, jobs_by_organization, jobs_by_state;
      -- ids are UUIDv7: of equal ranks the older goes first
      CREATE INDEX jobs_queue ON jobs (lane, rank, id) WHERE queued;
      CREATE INDEX jobs_queue_expiry ON jobs (queue_expires_at) WHERE queued;
      CREATE INDEX jobs_by_phase ON jobs (organization_id, phase, id);
      CREATE INDEX jobs_open_group ON jobs (organization_id, open_group, id) WHERE open_group IS NOT NULL;
      CREATE INDEX jobs_waiting ON jobs (queue_expires_at) WHERE phase = 'waiting';
      CREATE INDEX jobs_wake ON jobs (wake_at) WHERE wake_at IS NOT NULL;
      CREATE INDEX jobs_children ON jobs (organization_id, parent_id, id) WHERE parent_id IS NOT NULL;

      ALTER TABLE job_attempts
        -- how many instances were offered the job before this claim, in how many rounds; 0: a standing claim
        ADD COLUMN offers integer NOT NULL DEFAULT 0,
        ADD COLUMN rounds integer NOT NULL DEFAULT 0,
        -- null: granted to a standing claim, which no runner ever repeats by name
        ALTER COLUMN claim_id DROP NOT NULL,
        DROP CONSTRAINT job_attempts_claim_id_key,
        DROP CONSTRAINT job_attempts_organization_id_job_id_fkey;
      CREATE UNIQUE INDEX job_attempts_claim ON job_attempts (claim_id) WHERE claim_id IS NOT NULL;

      ALTER TABLE job_steps DROP CONSTRAINT job_steps_organization_id_job_id_fkey;

      -- higher is preferred when several fit
      ALTER TABLE runners ADD COLUMN priority integer NOT NULL DEFAULT 0;
      -- null: no quota
      ALTER TABLE organizations ADD COLUMN max_running_jobs integer CHECK (max_running_jobs > 0);
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('Restore a backup instead: the jobs submitted since would lose their order.'));
  }
}
