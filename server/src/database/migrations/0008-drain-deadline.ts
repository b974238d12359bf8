import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A drain that does not wait for ever: afterwards the runner gives up what still runs. */
export class DrainDeadline1764288000000 implements MigrationInterface {
  readonly name = 'DrainDeadline1764288000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runner_instances ADD COLUMN drain_deadline timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE runner_instances DROP COLUMN drain_deadline');
  }
}
