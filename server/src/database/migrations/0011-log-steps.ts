import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which steps the lines of a chunk belong to, so that a reader of one step need not unpack the chunks of the others.
 * NULL in the chunks that were stored before: a reader looks into them.
 */
export class LogSteps1764547200000 implements MigrationInterface {
  readonly name = 'LogSteps1764547200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE log_chunks ADD COLUMN min_step integer, ADD COLUMN max_step integer;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE log_chunks DROP COLUMN min_step, DROP COLUMN max_step');
  }
}
