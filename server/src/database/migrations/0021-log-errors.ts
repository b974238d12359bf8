import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The line that tells why a job failed, one for each failed job that printed anything: what it has in common with others. */
export class LogErrors1765411200000 implements MigrationInterface {
  readonly name = 'LogErrors1765411200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE log_errors (
        job_id uuid PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
        organization_id uuid NOT NULL,
        attempt integer NOT NULL,
        seq bigint NOT NULL,
        step integer NOT NULL,
        -- as it was printed, without colours, and without what differs from one time to the next
        line text NOT NULL,
        pattern text NOT NULL,
        fingerprint text NOT NULL
      );
      CREATE INDEX log_errors_by_fingerprint ON log_errors (organization_id, fingerprint, job_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_errors');
  }
}
