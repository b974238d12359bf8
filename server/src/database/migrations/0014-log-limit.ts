import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What it takes to leave out the middle of a log that is too long without reading what goes. */
export class LogLimit1764806400000 implements MigrationInterface {
  readonly name = 'LogLimit1764806400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE log_chunks
        -- of the texts in UTF-8 with a line end each; null: the lines are of several steps or have gap records, or are older
        ADD COLUMN bytes integer,
        -- a single line in place of all that were under these numbers
        ADD COLUMN is_cut boolean NOT NULL DEFAULT false;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE log_chunks DROP COLUMN bytes, DROP COLUMN is_cut');
  }
}
