import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Log lines are compressed with LZ4 where PostgreSQL was built with it, as nearly everywhere. Its older method takes
 * most of the time in which the database stores a line (docs/decisions/0027). Lines that are there stay as they are:
 * each value tells by which method it was compressed.
 */
export class LogCompression1765929600000 implements MigrationInterface {
  readonly name = 'LogCompression1765929600000';

  async up(runner: QueryRunner): Promise<void> {
    // new partitions take it over from the table: it is part of LIKE … INCLUDING ALL
    await runner.query(setCompression('lz4', 'EXCEPTION WHEN feature_not_supported THEN NULL;'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(setCompression('default', ''));
  }
}

/** Of the table and of each of its partitions, as the command does not go on to these by itself. */
function setCompression(method: string, otherwise: string): string {
  return /* sql */ `
    DO $$
    DECLARE
      part regclass;
    BEGIN
      FOR part IN
        SELECT 'log_chunks'::regclass UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'log_chunks'::regclass
      LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN lines SET COMPRESSION ${method}', part);
      END LOOP;
    ${otherwise}
    END $$`;
}
