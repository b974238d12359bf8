import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What changes in a job's life is one narrow row (`jobs`): its state, its place, and its current or last attempt. What
 * never changes (`job_submissions`) is written once. Attempts before the last one (`earlier_attempts`) are set aside by
 * the claim that follows them. A claim and a result so write one small row version each instead of two, of which one
 * carried the spec along: docs/decisions/0007 has the figures.
 *
 * `job_attempts` remains as a view for whoever reads: all attempts of all jobs.
 *
 * Partial indexes ask generated columns instead of `state`, so that whoever looks a row up by its id and asks for its state
 * besides is never tempted to walk through an index of all the rows in that state.
 */
export class OneRowForAJobsLife1764633600000 implements MigrationInterface {
  readonly name = 'OneRowForAJobsLife1764633600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE job_events DROP CONSTRAINT job_events_organization_id_job_id_fkey;
      ALTER TABLE log_chunks DROP CONSTRAINT log_chunks_organization_id_job_id_fkey;
      ALTER TABLE fan_outs DROP CONSTRAINT fan_outs_organization_id_job_id_fkey;
      ALTER TABLE jobs RENAME TO old_jobs;
      ALTER TABLE job_attempts RENAME TO old_attempts;

      CREATE TABLE job_submissions (
        id uuid NOT NULL,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        name text NOT NULL,
        spec jsonb NOT NULL,
        -- encrypted with the key of DIBS_ENCRYPTION_KEY; null: no secrets
        secrets bytea,
        secret_names text[] NOT NULL DEFAULT '{}',
        on_lost text NOT NULL CHECK (on_lost IN ('requeue', 'fail', 'wait')),
        max_attempts integer NOT NULL,
        stack_id uuid,
        namespace_id uuid,
        module_id uuid,
        idempotency_key text,
        idempotency_hash text,
        retry_of uuid,
        submitted_by text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, id)
      );
      INSERT INTO job_submissions
        SELECT id, organization_id, name, spec, secrets, secret_names, on_lost, max_attempts, stack_id, namespace_id,
          module_id, idempotency_key, idempotency_hash, retry_of, submitted_by, created_at
        FROM old_jobs;

      CREATE TABLE jobs (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        -- the fan-out job that this one is a child of
        parent_id uuid,

        -- fingerprint of what the job demands of a runner (domain/dispatch/lanes.ts)
        lane text NOT NULL,
        -- milliseconds of the submit, less a head start for each point of priority; smaller goes first
        rank bigint NOT NULL,
        priority integer NOT NULL,
        slots integer NOT NULL DEFAULT 1,
        concurrency_key text,
        concurrency_limit integer,
        -- what the job does to older ones of its group; null: nothing
        supersede text,
        -- what a claim and a result ask of the spec, which may be a megabyte
        step_count integer NOT NULL,
        noop boolean NOT NULL DEFAULT false,
        retries boolean NOT NULL DEFAULT false,
        has_source boolean NOT NULL DEFAULT false,

        state text NOT NULL CHECK (state IN ('waiting', 'queued', 'claimed', 'running', 'succeeded', 'failed',
          'canceled', 'timed_out', 'lost', 'expired')),
        reason text,
        exit_code integer,
        cancel_mode text CHECK (cancel_mode IN ('graceful', 'after_step', 'kill')),
        cancel_requested_at timestamptz,
        -- the newer job of the group that asked for this one's cancel
        superseded_by uuid,
        -- a job that waits for the instance it was lost with: who alone may claim it
        pinned_runner text,
        pinned_instance text,
        queued_at timestamptz,
        queue_expires_at timestamptz NOT NULL,
        -- the earliest time at which a waiting job may be queued (the pause before another try)
        wake_at timestamptz,
        started_at timestamptz,
        finished_at timestamptz,

        -- number of the current or last attempt; 0: never claimed, and then what follows is null
        attempt integer NOT NULL DEFAULT 0,
        -- null: granted to a standing claim, which no runner ever repeats by name
        claim_id uuid,
        claim_token text,
        runner_id uuid,
        runner_name text,
        instance_id uuid,
        instance_name text,
        -- which process of its instance; null: nobody's any more
        boot_id uuid,
        lease_expires_at timestamptz,
        claimed_at timestamptz,
        -- null: the attempt is current. Once set, nothing of this attempt is written any more.
        ended_at timestamptz,
        outcome text,
        ended_reason text,
        ended_exit_code integer,
        last_seq bigint NOT NULL DEFAULT 0,
        log_complete boolean NOT NULL DEFAULT false,
        -- how many instances were offered the job before this claim, in how many rounds; 0: a standing claim
        offers integer NOT NULL DEFAULT 0,
        rounds integer NOT NULL DEFAULT 0,

        CHECK ((concurrency_key IS NULL) = (concurrency_limit IS NULL)),
        CHECK ((pinned_runner IS NULL) = (pinned_instance IS NULL)),
        FOREIGN KEY (organization_id, parent_id) REFERENCES job_submissions (organization_id, id)
      ) WITH (fillfactor = 70);
      INSERT INTO jobs
        SELECT j.id, j.organization_id, j.parent_id, j.lane, j.rank, j.priority, j.slots, j.concurrency_key,
          j.concurrency_limit, j.supersede, j.step_count, j.noop, j.retries,
          COALESCE(jsonb_typeof(j.spec->'source') = 'object', false), j.state, j.reason, j.exit_code, j.cancel_mode,
          j.cancel_requested_at, j.superseded_by, j.pinned_runner, j.pinned_instance, j.queued_at, j.queue_expires_at,
          j.wake_at, j.started_at, j.finished_at, j.attempt, a.claim_id, a.claim_token, a.runner_id, a.runner_name,
          a.instance_id, a.instance_name, a.boot_id, a.lease_expires_at, a.claimed_at, a.ended_at, a.outcome, a.reason,
          a.exit_code, COALESCE(a.last_seq, 0), COALESCE(a.log_complete, false), COALESCE(a.offers, 0),
          COALESCE(a.rounds, 0)
        FROM old_jobs j LEFT JOIN old_attempts a ON a.job_id = j.id AND a.attempt = j.attempt;
      CREATE TABLE earlier_attempts (
        job_id uuid NOT NULL,
        attempt integer NOT NULL,
        organization_id uuid NOT NULL,
        claim_id uuid,
        claim_token text NOT NULL,
        runner_id uuid NOT NULL,
        runner_name text NOT NULL,
        instance_id uuid NOT NULL,
        instance_name text NOT NULL,
        boot_id uuid,
        lease_expires_at timestamptz NOT NULL,
        claimed_at timestamptz NOT NULL,
        ended_at timestamptz,
        outcome text,
        reason text,
        exit_code integer,
        last_seq bigint NOT NULL,
        log_complete boolean NOT NULL,
        offers integer NOT NULL,
        rounds integer NOT NULL,
        PRIMARY KEY (job_id, attempt)
      );
      INSERT INTO earlier_attempts
        SELECT a.job_id, a.attempt, a.organization_id, a.claim_id, a.claim_token, a.runner_id, a.runner_name,
          a.instance_id, a.instance_name, a.boot_id, a.lease_expires_at, a.claimed_at, a.ended_at, a.outcome, a.reason,
          a.exit_code, a.last_seq, a.log_complete, a.offers, a.rounds
        FROM old_attempts a JOIN old_jobs j ON j.id = a.job_id AND a.attempt < j.attempt;
      CREATE INDEX earlier_attempts_claim ON earlier_attempts (claim_id) WHERE claim_id IS NOT NULL;

      DROP TABLE old_attempts;
      DROP TABLE old_jobs;

      CREATE UNIQUE INDEX job_submissions_idempotency ON job_submissions (organization_id, idempotency_key)
        WHERE idempotency_key IS NOT NULL;
      ALTER TABLE job_submissions
        ADD FOREIGN KEY (organization_id, retry_of) REFERENCES job_submissions (organization_id, id);

      ALTER TABLE jobs
        ADD PRIMARY KEY (id),
        ADD COLUMN queued boolean NOT NULL GENERATED ALWAYS AS (state = 'queued') STORED,
        -- by a runner
        ADD COLUMN held boolean NOT NULL GENERATED ALWAYS AS (state IN ('claimed', 'running')) STORED,
        -- the state as lists ask for it; null while a runner holds the job
        ADD COLUMN listed_state text GENERATED ALWAYS AS (
          CASE WHEN state NOT IN ('claimed', 'running') THEN state END) STORED,
        -- the concurrency group whose limit the job uses up; a fan-out does so for as long as its children run
        ADD COLUMN open_group text GENERATED ALWAYS AS (
          CASE WHEN state IN ('queued', 'claimed', 'running') OR state = 'waiting' AND reason = 'fan_out'
            THEN concurrency_key END) STORED,
        -- the group that must let the job in; '': only the quota of its organization holds it back
        ADD COLUMN waiting_group text GENERATED ALWAYS AS (
          CASE WHEN state = 'waiting' AND reason IN ('concurrency_group', 'quota', 'retry_backoff')
            THEN COALESCE(concurrency_key, '') END) STORED,
        -- a fan-out that still waits for its children
        ADD COLUMN fans_out boolean NOT NULL GENERATED ALWAYS AS (
          state = 'waiting' AND COALESCE(reason = 'fan_out', false)) STORED;

      -- the queue: ids are UUIDv7, so of equal ranks the older goes first
      CREATE INDEX jobs_queue ON jobs (lane, rank, id) WHERE queued;
      CREATE INDEX jobs_queue_expiry ON jobs (queue_expires_at) WHERE queued;
      -- what instances hold: never more rows than there are slots
      CREATE INDEX jobs_held ON jobs (organization_id, instance_id, id) WHERE held;
      CREATE INDEX jobs_by_state ON jobs (organization_id, listed_state, id)
        WHERE listed_state IS NOT NULL;
      CREATE UNIQUE INDEX jobs_claim ON jobs (claim_id) WHERE claim_id IS NOT NULL;
      CREATE INDEX jobs_waiting ON jobs (queue_expires_at) WHERE listed_state = 'waiting';
      CREATE INDEX jobs_wake ON jobs (wake_at) WHERE wake_at IS NOT NULL;
      CREATE INDEX jobs_children ON jobs (organization_id, parent_id, id) WHERE parent_id IS NOT NULL;
      CREATE INDEX jobs_fans_out ON jobs (id) WHERE fans_out;
      CREATE INDEX jobs_open_group ON jobs (organization_id, open_group, id) WHERE open_group IS NOT NULL;
      CREATE INDEX jobs_waiting_group ON jobs (organization_id, waiting_group, id) WHERE waiting_group IS NOT NULL;
      -- without a group the order is that of the queue: priority, then age
      CREATE INDEX jobs_waiting_quota ON jobs (organization_id, rank, id) WHERE waiting_group = '';
      CREATE INDEX jobs_superseding_open ON jobs (organization_id, open_group, id)
        WHERE supersede IS NOT NULL AND open_group IS NOT NULL;
      CREATE INDEX jobs_superseding_waiting ON jobs (organization_id, waiting_group, id)
        WHERE supersede IS NOT NULL AND waiting_group IS NOT NULL;

      CREATE VIEW job_attempts AS
        SELECT id AS job_id, attempt, organization_id, claim_id, claim_token, runner_id, runner_name, instance_id,
          instance_name, boot_id, lease_expires_at, claimed_at, ended_at, outcome, ended_reason AS reason,
          ended_exit_code AS exit_code, last_seq, log_complete, offers, rounds
        FROM jobs WHERE attempt > 0
        UNION ALL
        SELECT job_id, attempt, organization_id, claim_id, claim_token, runner_id, runner_name, instance_id,
          instance_name, boot_id, lease_expires_at, claimed_at, ended_at, outcome, reason, exit_code, last_seq,
          log_complete, offers, rounds
        FROM earlier_attempts;

      -- the statement that writes a log chunk locks the job's row, so a chunk needs no key of its own to have a job
      ALTER TABLE job_events
        ADD FOREIGN KEY (organization_id, job_id) REFERENCES job_submissions (organization_id, id) ON DELETE CASCADE;
      ALTER TABLE fan_outs
        ADD FOREIGN KEY (organization_id, job_id) REFERENCES job_submissions (organization_id, id) ON DELETE CASCADE;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('Restore a backup instead: the jobs that ran since are not in the old tables.'));
  }
}
