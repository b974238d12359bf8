import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Filters of the list of jobs that somebody gave a name, and the index that a list of one module's jobs is read from.
 *
 * An organization may be renamed, so its name is no longer what the first one is known by, and no longer unique: who is
 * refused a name would learn that another organization has it.
 */
export class OperatorPages1765670400000 implements MigrationInterface {
  readonly name = 'OperatorPages1765670400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE job_views (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        -- the user, service principal or API token that saved it, and alone may see it
        owner_id uuid NOT NULL,
        name text NOT NULL,
        -- the query of the page's address
        query text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (organization_id, owner_id, name)
      );

      -- most jobs are of no module: they cost nothing here
      CREATE INDEX job_submissions_module ON job_submissions (organization_id, module_id, id) WHERE module_id IS NOT NULL;

      ALTER TABLE organizations
        DROP CONSTRAINT organizations_name_key,
        -- the one that the environment of the server speaks of
        ADD COLUMN is_default boolean NOT NULL DEFAULT false;
      UPDATE organizations SET is_default = true WHERE name = 'default';
      CREATE UNIQUE INDEX organizations_default ON organizations (is_default) WHERE is_default;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP INDEX organizations_default;
      UPDATE organizations SET name = 'default' WHERE is_default;
      ALTER TABLE organizations DROP COLUMN is_default, ADD UNIQUE (name);
      DROP INDEX job_submissions_module;
      DROP TABLE job_views;
    `);
  }
}
