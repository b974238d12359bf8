import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What organizations, stacks, namespaces and modules set for the modules inside them. One document for each level: it is
 * read as a whole, with those around it, and nothing is looked for inside it.
 */
export class ModuleSettings1766016000000 implements MigrationInterface {
  readonly name = 'ModuleSettings1766016000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE organizations ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
      ALTER TABLE stacks
        ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp();
      ALTER TABLE namespaces
        ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp();
      ALTER TABLE modules
        ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN updated_at timestamptz NOT NULL DEFAULT clock_timestamp();

      -- whether jobs of a stack or namespace itself are under way; those of modules have an index of their own
      CREATE INDEX job_submissions_stack ON job_submissions (organization_id, stack_id, id)
        WHERE stack_id IS NOT NULL AND module_id IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP INDEX job_submissions_stack;
      ALTER TABLE modules DROP COLUMN settings, DROP COLUMN updated_at;
      ALTER TABLE namespaces DROP COLUMN settings, DROP COLUMN updated_at;
      ALTER TABLE stacks DROP COLUMN settings, DROP COLUMN updated_at;
      ALTER TABLE organizations DROP COLUMN settings;
    `);
  }
}
