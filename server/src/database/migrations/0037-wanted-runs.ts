import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that something has triggered but nobody has begun yet, and changed settings that nobody has looked at yet. */
export class WantedRuns1766793600000 implements MigrationInterface {
  readonly name = 'WantedRuns1766793600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- one row for each module: what triggers it twice before it has begun is one run
      CREATE TABLE wanted_runs (
        organization_id uuid NOT NULL,
        module_id uuid NOT NULL,
        trigger text NOT NULL CHECK (trigger IN ('upstream_output', 'definition_changed', 'source_changed')),
        -- by what, for people
        cause text NOT NULL,
        -- grows with each trigger: whoever has begun a run for an older one has not begun it for this one
        version integer NOT NULL DEFAULT 1,
        -- until when no other server begins it; null: none is at it
        claimed_until timestamptz,
        PRIMARY KEY (organization_id, module_id),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );

      CREATE TABLE changed_definitions (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        -- the organization, stack, namespace or module whose settings changed
        node_id uuid NOT NULL,
        version integer NOT NULL DEFAULT 1,
        first_changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        claimed_until timestamptz,
        PRIMARY KEY (organization_id, node_id)
      );

      CREATE TABLE module_standings (
        organization_id uuid NOT NULL,
        module_id uuid NOT NULL,
        -- applied, and not destroyed since
        is_deployed boolean NOT NULL DEFAULT false,
        -- keyed digest of what counted when the last run of apply began; null: not known
        definition text,
        PRIMARY KEY (organization_id, module_id),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );

      INSERT INTO module_standings (organization_id, module_id, is_deployed)
      SELECT DISTINCT ON (organization_id, module_id) organization_id, module_id, operation = 'apply'
      FROM module_runs
      WHERE ended_at IS NOT NULL AND (operation = 'apply' AND (apply_job_id IS NOT NULL OR state = 'succeeded')
        OR operation = 'destroy' AND state = 'succeeded')
      ORDER BY organization_id, module_id, id DESC;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE wanted_runs, changed_definitions, module_standings');
  }
}
