import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What tells without reading a log that a text is not in it (docs/decisions/0021). Made when the job has ended, by a worker
 * of its own: nothing of this is touched while lines arrive. A log without a row here is searched itself.
 */
export class LogSignatures1765324800000 implements MigrationInterface {
  readonly name = 'LogSignatures1765324800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE log_signatures (
        job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        attempt integer NOT NULL,
        first_seq bigint NOT NULL,
        last_seq bigint NOT NULL,
        organization_id uuid NOT NULL,
        -- a power of two of bytes, at least 8: bit N modulo their number is set where a trigram of number N is in the lines
        bits bytea NOT NULL,
        PRIMARY KEY (job_id, attempt, first_seq)
      );
      -- they look like noise: trying to compress them costs time and gains nothing
      ALTER TABLE log_signatures ALTER COLUMN bits SET STORAGE EXTERNAL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_signatures');
  }
}
