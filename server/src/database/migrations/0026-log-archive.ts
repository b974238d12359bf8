import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Logs of finished jobs that were copied to a folder or an S3-compatible store: docs/decisions/0026. */
export class LogArchive1765843200000 implements MigrationInterface {
  readonly name = 'LogArchive1765843200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- copies that were read back: of these logs the database may let go
      CREATE TABLE log_archives (
        job_id uuid NOT NULL,
        attempt integer NOT NULL,
        organization_id uuid NOT NULL,
        object_name text NOT NULL,
        object_bytes bigint NOT NULL,
        -- of the object; those of its blocks are in its index
        sha256 bytea NOT NULL,
        index_from bigint NOT NULL,
        index_bytes integer NOT NULL,
        index_sha256 bytea NOT NULL,
        archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- the day (UTC) on which retention removed the copy; null: it is there
        removed_on date,
        PRIMARY KEY (job_id, attempt)
      );
      CREATE INDEX log_archives_kept ON log_archives (organization_id, job_id) WHERE removed_on IS NULL;

      -- jobs whose logs are to be copied: those that have not ended as well
      CREATE TABLE log_archive_queue (
        job_id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        due_at timestamptz NOT NULL,
        failures integer NOT NULL DEFAULT 0,
        -- of whoever is at it until due_at
        claim uuid
      );
      CREATE INDEX log_archive_queue_due ON log_archive_queue (due_at);
      CREATE INDEX log_archive_queue_failed ON log_archive_queue (job_id) WHERE failures > 0;

      -- every job up to this id was put into the queue, unless nothing of it is to be copied
      CREATE TABLE log_archive_progress (swept_to uuid NOT NULL);
      INSERT INTO log_archive_progress VALUES ('00000000-0000-0000-0000-000000000000');

      -- objects that nobody refers to: to be removed, or about to be written
      CREATE TABLE log_archive_removals (
        object_name text PRIMARY KEY,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        is_begun boolean NOT NULL DEFAULT false
      );
      CREATE INDEX log_archive_removals_due ON log_archive_removals (due_at);

      -- null: archived logs are kept for good
      ALTER TABLE retention ADD COLUMN archive_days integer CHECK (archive_days > 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE retention DROP COLUMN archive_days;
      DROP TABLE log_archives, log_archive_queue, log_archive_progress, log_archive_removals;
    `);
  }
}
