import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the runner counted of an attempt's log, and what the server found when it counted for itself. Beside the attempt,
 * not in it: it is written once, with the result, and read when somebody asks.
 */
export class LogReceipts1764720000000 implements MigrationInterface {
  readonly name = 'LogReceipts1764720000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE log_receipts (
        job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        attempt integer NOT NULL,
        -- list of StepLogCount; null: the runner did not say
        counted jsonb,
        -- StoredLogCount; null: nobody has asked yet
        stored jsonb,
        checked_at timestamptz,
        PRIMARY KEY (job_id, attempt)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE log_receipts');
  }
}
