import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What admission asks of the jobs table: which group an unfinished job counts in, and which it waits for. As in the
 * migration before, indexes ask generated columns, which are null for every job that never waits: such a job pays
 * nothing for them.
 */
export class Admission1763856000000 implements MigrationInterface {
  readonly name = 'Admission1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP INDEX jobs_open_group;
      ALTER TABLE jobs
        DROP COLUMN open_group,
        -- what the job does to older ones of its group; null: nothing
        ADD COLUMN supersede text GENERATED ALWAYS AS (NULLIF(spec->'concurrency'->>'supersede', 'none')) STORED,
        -- the newer job of the group that asked for this one's cancel
        ADD COLUMN superseded_by uuid,
        -- a job that waits for the instance it was lost with: who alone may claim it
        ADD COLUMN pinned_runner text,
        ADD COLUMN pinned_instance text,
        ADD CONSTRAINT jobs_pin_check CHECK ((pinned_runner IS NULL) = (pinned_instance IS NULL)),
        -- the concurrency group whose limit the job uses up
        ADD COLUMN open_group text GENERATED ALWAYS AS (
          CASE WHEN state IN ('queued', 'claimed', 'running') THEN concurrency_key END) STORED,
        -- the group that must let the job in; '': only the quota of its organization holds it back
        ADD COLUMN waiting_group text GENERATED ALWAYS AS (
          CASE WHEN state = 'waiting' AND reason IN ('concurrency_group', 'quota', 'retry_backoff')
            THEN COALESCE(concurrency_key, '') END) STORED;

      CREATE INDEX jobs_open_group ON jobs (organization_id, open_group, id) WHERE open_group IS NOT NULL;
      CREATE INDEX jobs_waiting_group ON jobs (organization_id, waiting_group, id) WHERE waiting_group IS NOT NULL;
      -- without a group the order is that of the queue: priority, then age
      CREATE INDEX jobs_waiting_quota ON jobs (organization_id, rank, id) WHERE waiting_group = '';
      CREATE INDEX jobs_superseding_open ON jobs (organization_id, open_group, id)
        WHERE supersede IS NOT NULL AND open_group IS NOT NULL;
      CREATE INDEX jobs_superseding_waiting ON jobs (organization_id, waiting_group, id)
        WHERE supersede IS NOT NULL AND waiting_group IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('Restore a backup instead: jobs that wait would be queued all at once.'));
  }
}
