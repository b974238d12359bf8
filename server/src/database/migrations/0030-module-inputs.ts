import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets among the settings of each level, sealed together, and whose outputs the settings of a level take. */
export class ModuleInputs1766188800000 implements MigrationInterface {
  readonly name = 'ModuleInputs1766188800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE organizations ADD COLUMN sealed_settings bytea;
      ALTER TABLE stacks ADD COLUMN sealed_settings bytea;
      ALTER TABLE namespaces ADD COLUMN sealed_settings bytea;
      ALTER TABLE modules ADD COLUMN sealed_settings bytea;

      -- so that no module goes whose outputs somebody takes
      CREATE TABLE output_references (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        -- the organization, stack, namespace or module whose settings take them
        taker_id uuid NOT NULL,
        module_id uuid NOT NULL,
        PRIMARY KEY (organization_id, taker_id, module_id),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX output_references_of_module ON output_references (organization_id, module_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP TABLE output_references;
      ALTER TABLE modules DROP COLUMN sealed_settings;
      ALTER TABLE namespaces DROP COLUMN sealed_settings;
      ALTER TABLE stacks DROP COLUMN sealed_settings;
      ALTER TABLE organizations DROP COLUMN sealed_settings;
    `);
  }
}
