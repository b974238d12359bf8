import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Up to which version of a module's outputs the modules that take them were looked at. */
export class OutputTriggers1766361600000 implements MigrationInterface {
  readonly name = 'OutputTriggers1766361600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE output_triggers (
        organization_id uuid NOT NULL,
        -- whose outputs
        module_id uuid NOT NULL,
        handled_version integer NOT NULL,
        -- what a server is at, until when no other one begins; null: none is
        claimed_version integer,
        claimed_until timestamptz,
        PRIMARY KEY (organization_id, module_id),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE output_triggers');
  }
}
