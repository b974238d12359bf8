import type { MigrationInterface, QueryRunner } from 'typeorm';

/** More that may begin a run of a module. */
export class RunTriggers1766620800000 implements MigrationInterface {
  readonly name = 'RunTriggers1766620800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE module_runs DROP CONSTRAINT module_runs_trigger_check;
      ALTER TABLE module_runs ADD CONSTRAINT module_runs_trigger_check
        CHECK (trigger IN ('request', 'upstream_output', 'definition_changed', 'source_changed', 'scope_run'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DELETE FROM module_runs WHERE trigger NOT IN ('request', 'upstream_output');
      ALTER TABLE module_runs DROP CONSTRAINT module_runs_trigger_check;
      ALTER TABLE module_runs ADD CONSTRAINT module_runs_trigger_check CHECK (trigger IN ('request', 'upstream_output'))`);
  }
}
