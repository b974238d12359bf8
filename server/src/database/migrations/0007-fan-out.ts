import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Jobs that run on every matching instance. A parent is found by a generated column instead of by its state and
 * reason, for the reason told in 0002: the updates of ordinary jobs stay heap-only.
 */
export class FanOut1764201600000 implements MigrationInterface {
  readonly name = 'FanOut1764201600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- a parent that still waits for its children
      ALTER TABLE jobs ADD COLUMN fans_out boolean NOT NULL GENERATED ALWAYS AS (
        state = 'waiting' AND COALESCE(reason = 'fan_out', false)) STORED;
      CREATE INDEX jobs_fans_out ON jobs (id) WHERE fans_out;

      -- a parent uses its concurrency group up for as long as its children run
      DROP INDEX jobs_open_group;
      ALTER TABLE jobs
        DROP COLUMN open_group,
        ADD COLUMN open_group text GENERATED ALWAYS AS (
          CASE WHEN state IN ('queued', 'claimed', 'running') OR state = 'waiting' AND reason = 'fan_out'
            THEN concurrency_key END) STORED;
      CREATE INDEX jobs_open_group ON jobs (organization_id, open_group, id) WHERE open_group IS NOT NULL;
      CREATE INDEX jobs_superseding_open ON jobs (organization_id, open_group, id)
        WHERE supersede IS NOT NULL AND open_group IS NOT NULL;

      -- made together with the children, so that a row means: they are all there
      CREATE TABLE fan_outs (
        job_id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        -- null: all children at once
        batch_size integer CHECK (batch_size > 0),
        -- instances that matched but were left out, because they were offline or draining
        skipped jsonb NOT NULL,
        expanded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        FOREIGN KEY (organization_id, job_id) REFERENCES jobs (organization_id, id) ON DELETE CASCADE
      );
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('Restore a backup instead: parents would wait for ever for what nobody drives.'));
  }
}
