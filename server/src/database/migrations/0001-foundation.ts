import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Rules it keeps: every table carries `organization_id`, and every foreign key between tenant
 * tables is composite with it, so that no row can point into another organization even by mistake.
 *
 * `job_attempts` is the fence: the row of the current attempt holds the claim token, the lease and the number of
 * the last stored log line, and every write of a runner is conditional on it (`ended_at IS NULL`). The lease has
 * no index, so that a renewal stays a heap-only update; the few live attempts are found by a partial index.
 */
export class Foundation1763683200000 implements MigrationInterface {
  readonly name = 'Foundation1763683200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE organizations (
        id uuid PRIMARY KEY,
        name text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      CREATE TABLE users (
        id uuid NOT NULL,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        email text NOT NULL,
        password_hash text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'administrator', 'operator', 'viewer')),
        disabled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (id),
        UNIQUE (organization_id, id)
      );
      CREATE UNIQUE INDEX users_email ON users (lower(email));

      CREATE TABLE user_sessions (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        user_id uuid NOT NULL,
        token_hash text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
      );

      CREATE TABLE service_principals (
        id uuid NOT NULL,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        name text NOT NULL,
        client_id text NOT NULL UNIQUE,
        -- null: the principal of a runner; it may use the runner link and nothing else
        role text CHECK (role IN ('owner', 'administrator', 'operator', 'viewer')),
        disabled_at timestamptz,
        -- tokens issued before this moment are refused
        revoked_before timestamptz NOT NULL DEFAULT '-infinity',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (id),
        UNIQUE (organization_id, id),
        UNIQUE (organization_id, name)
      );

      -- several secrets at a time: rotation with overlap, and one per registered runner instance
      CREATE TABLE service_principal_secrets (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        service_principal_id uuid NOT NULL,
        -- what it was made for; making another with the same label replaces it
        label text NOT NULL,
        secret_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz,
        UNIQUE (service_principal_id, label),
        FOREIGN KEY (organization_id, service_principal_id)
          REFERENCES service_principals (organization_id, id) ON DELETE CASCADE
      );

      CREATE TABLE api_tokens (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'administrator', 'operator', 'viewer')),
        prefix text NOT NULL,
        token_hash text NOT NULL UNIQUE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        UNIQUE (organization_id, id)
      );

      CREATE TABLE audit_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        action text NOT NULL,
        target text NOT NULL,
        data jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_events_by_organization ON audit_events (organization_id, id DESC);

      CREATE TABLE runners (
        id uuid NOT NULL,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        name text NOT NULL,
        service_principal_id uuid NOT NULL,
        allow_multiple_instances boolean NOT NULL DEFAULT true,
        is_assigned_to_all_modules boolean NOT NULL DEFAULT true,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (id),
        UNIQUE (organization_id, id),
        UNIQUE (organization_id, name),
        UNIQUE (service_principal_id),
        FOREIGN KEY (organization_id, service_principal_id) REFERENCES service_principals (organization_id, id)
      );

      -- one row per instance name ever seen; the session columns describe its live or last connection
      CREATE TABLE runner_instances (
        id uuid NOT NULL,
        organization_id uuid NOT NULL,
        runner_id uuid NOT NULL,
        name text NOT NULL,
        boot_id uuid NOT NULL,
        -- null: no connection. Whoever holds it is the one live session of the instance.
        session_id uuid,
        host_name text NOT NULL,
        version text NOT NULL,
        slots integer NOT NULL,
        tools jsonb NOT NULL,
        labels jsonb NOT NULL,
        -- asked to drain by an operator; lasts until the process restarts
        drain_requested boolean NOT NULL DEFAULT false,
        draining boolean NOT NULL DEFAULT false,
        connected_at timestamptz,
        last_seen_at timestamptz,
        disconnected_at timestamptz,
        disconnect_reason text,
        PRIMARY KEY (id),
        UNIQUE (organization_id, id),
        UNIQUE (runner_id, name),
        FOREIGN KEY (organization_id, runner_id) REFERENCES runners (organization_id, id) ON DELETE CASCADE
      ) WITH (fillfactor = 70);

      CREATE TABLE jobs (
        id uuid NOT NULL,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        name text NOT NULL,
        state text NOT NULL CHECK (state IN ('waiting', 'queued', 'claimed', 'running', 'succeeded', 'failed',
          'canceled', 'timed_out', 'lost', 'expired')),
        reason text,
        spec jsonb NOT NULL,
        -- encrypted with the key of DIBS_ENCRYPTION_KEY; null: no secrets
        secrets bytea,
        secret_names text[] NOT NULL DEFAULT '{}',
        -- fingerprint of what the job demands of a runner (domain/dispatch/lanes.ts)
        lane text NOT NULL,
        priority integer NOT NULL,
        on_lost text NOT NULL CHECK (on_lost IN ('requeue', 'fail')),
        max_attempts integer NOT NULL,
        -- number of the current or last attempt; 0: never claimed
        attempt integer NOT NULL DEFAULT 0,
        exit_code integer,
        cancel_mode text CHECK (cancel_mode IN ('graceful', 'after_step', 'kill')),
        cancel_requested_at timestamptz,
        idempotency_key text,
        idempotency_hash text,
        retry_of uuid,
        submitted_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        queued_at timestamptz,
        queue_expires_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        PRIMARY KEY (id),
        UNIQUE (organization_id, id),
        FOREIGN KEY (organization_id, retry_of) REFERENCES jobs (organization_id, id)
      ) WITH (fillfactor = 80);
      CREATE UNIQUE INDEX jobs_idempotency ON jobs (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
      -- the queue: priority first, then age (ids are UUIDv7, so they sort by age)
      CREATE INDEX jobs_queue ON jobs (lane, priority DESC, id) WHERE state = 'queued';
      CREATE INDEX jobs_queue_expiry ON jobs (queue_expires_at) WHERE state = 'queued';
      CREATE INDEX jobs_by_organization ON jobs (organization_id, id DESC);
      CREATE INDEX jobs_by_state ON jobs (organization_id, state, id DESC);

      CREATE TABLE job_attempts (
        job_id uuid NOT NULL,
        attempt integer NOT NULL,
        organization_id uuid NOT NULL,
        claim_id uuid NOT NULL UNIQUE,
        claim_token text NOT NULL,
        runner_id uuid NOT NULL,
        runner_name text NOT NULL,
        instance_id uuid NOT NULL,
        instance_name text NOT NULL,
        lease_expires_at timestamptz NOT NULL,
        claimed_at timestamptz NOT NULL,
        -- null: this attempt is current. Once set, nothing of this attempt is written any more.
        ended_at timestamptz,
        outcome text CHECK (outcome IN ('succeeded', 'failed', 'canceled', 'timed_out', 'lost')),
        reason text,
        exit_code integer,
        last_seq bigint NOT NULL DEFAULT 0,
        log_complete boolean NOT NULL DEFAULT false,
        PRIMARY KEY (job_id, attempt),
        FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
      ) WITH (fillfactor = 70);
      CREATE UNIQUE INDEX job_attempts_current ON job_attempts (job_id) WHERE ended_at IS NULL;
      CREATE INDEX job_attempts_current_by_instance ON job_attempts (instance_id) WHERE ended_at IS NULL;

      CREATE TABLE job_steps (
        job_id uuid NOT NULL,
        attempt integer NOT NULL,
        step integer NOT NULL,
        organization_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'canceled', 'timed_out', 'skipped')),
        exit_code integer,
        signal text,
        started_at timestamptz,
        finished_at timestamptz,
        PRIMARY KEY (job_id, attempt, step),
        FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
      );

      CREATE TABLE job_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id uuid NOT NULL,
        job_id uuid NOT NULL,
        attempt integer,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        type text NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX job_events_by_job ON job_events (job_id, id);

      -- one row per committed batch; lines is a JSON array of WireLogLine tuples, compressed by TOAST
      CREATE TABLE log_chunks (
        job_id uuid NOT NULL,
        attempt integer NOT NULL,
        first_seq bigint NOT NULL,
        last_seq bigint NOT NULL,
        organization_id uuid NOT NULL,
        lines text NOT NULL,
        PRIMARY KEY (job_id, attempt, first_seq),
        FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
      );
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('The first migration has no way back; restore a backup instead.'));
  }
}
