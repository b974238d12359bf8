import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Since when the process of an instance is the one that it is. What was granted before is not this process's to run: the
 * older one may only be cut off, and works on under the same attempt and token.
 */
export class Boots1764374400000 implements MigrationInterface {
  readonly name = 'Boots1764374400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE runner_instances ADD COLUMN boot_since timestamptz NOT NULL DEFAULT clock_timestamp();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runner_instances DROP COLUMN boot_since');
  }
}
