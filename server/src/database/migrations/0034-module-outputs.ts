import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What modules put out: every output as it is now, and when which of them changed. */
export class ModuleOutputs1766534400000 implements MigrationInterface {
  readonly name = 'ModuleOutputs1766534400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- one row for each change
      CREATE TABLE module_output_sets (
        organization_id uuid NOT NULL,
        module_id uuid NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        -- null: retention has removed the job
        job_id uuid REFERENCES jobs (id) ON DELETE SET NULL,
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- names of those that are new, different or gone
        changed text[] NOT NULL,
        PRIMARY KEY (organization_id, module_id, version),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );
      CREATE INDEX module_output_sets_job ON module_output_sets (job_id) WHERE job_id IS NOT NULL;

      -- json, not jsonb: values are only compared as text and passed on
      CREATE TABLE module_outputs (
        organization_id uuid NOT NULL,
        module_id uuid NOT NULL,
        name text NOT NULL,
        value json,
        -- of a sensitive one
        sealed bytea,
        PRIMARY KEY (organization_id, module_id, name),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE,
        CHECK ((value IS NULL) <> (sealed IS NULL))
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE module_outputs, module_output_sets');
  }
}
