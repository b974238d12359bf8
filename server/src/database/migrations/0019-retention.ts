import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How long each organization keeps logs and jobs, and how far the removal has come. Logs go in the order of their jobs'
 * submits, so one id tells for all logs of an organization which are gone: docs/decisions/0020.
 */
export class Retention1765238400000 implements MigrationInterface {
  readonly name = 'Retention1765238400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE retention (
        organization_id uuid PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
        -- null: kept for good
        log_days integer CHECK (log_days > 0),
        log_mib integer CHECK (log_mib > 0),
        job_days integer CHECK (job_days > 0),
        -- the logs of jobs before this id are removed, but for those of retained_logs; it never goes back
        log_floor uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
        -- up to here their rows are gone
        log_removed uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
      );

      -- jobs that had not ended when the floor passed them
      CREATE TABLE retained_logs (
        organization_id uuid NOT NULL,
        job_id uuid NOT NULL,
        PRIMARY KEY (job_id)
      );

      -- when what was removed: one row for each day on which the floor rose
      CREATE TABLE log_removals (
        organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        day date NOT NULL,
        log_floor uuid NOT NULL,
        PRIMARY KEY (organization_id, day)
      );

      -- bytes of log text by the hour (since 1970) in which its jobs were submitted
      CREATE TABLE log_usage (
        organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        hour integer NOT NULL,
        bytes bigint NOT NULL,
        PRIMARY KEY (organization_id, hour)
      );
      INSERT INTO log_usage
        SELECT organization_id, hour, sum(size) FROM (
          SELECT c.organization_id, COALESCE(c.bytes, octet_length(c.lines)) AS size, least(2147483647,
            ('x' || lpad(substr(replace(c.job_id::text, '-', ''), 1, 12), 16, '0'))::bit(64)::bigint / 3600000) AS hour
          FROM log_chunks c JOIN organizations o ON o.id = c.organization_id
        ) AS sized GROUP BY organization_id, hour;

      -- a job that is removed is looked for here, by its foreign key as well
      CREATE INDEX job_submissions_retries ON job_submissions (organization_id, retry_of) WHERE retry_of IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE retention, retained_logs, log_removals, log_usage; DROP INDEX job_submissions_retries',
    );
  }
}
