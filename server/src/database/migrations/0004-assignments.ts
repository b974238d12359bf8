import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which runners are there for which part of the hierarchy, and lanes that nobody could ever serve.
 *
 * The tables of the hierarchy hold ids, names and parents only, so that assignments and the scope of jobs can point
 * at something; what a module is belongs to a later migration. Jobs carry the ids of their scope without foreign
 * keys: they tell what was deployed also after it is gone, and an insert of jobs asks no other table.
 */
export class Assignments1763942400000 implements MigrationInterface {
  readonly name = 'Assignments1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE stacks (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (organization_id, id),
        UNIQUE (organization_id, name)
      );

      CREATE TABLE namespaces (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        stack_id uuid NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (organization_id, id),
        UNIQUE (stack_id, name),
        FOREIGN KEY (organization_id, stack_id) REFERENCES stacks (organization_id, id) ON DELETE CASCADE
      );

      CREATE TABLE modules (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        namespace_id uuid NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (organization_id, id),
        UNIQUE (namespace_id, name),
        FOREIGN KEY (organization_id, namespace_id) REFERENCES namespaces (organization_id, id) ON DELETE CASCADE
      );

      -- a runner that is not assigned to everything takes the jobs of these parts of the hierarchy, inner parts included
      CREATE TABLE runner_assignments (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        runner_id uuid NOT NULL,
        stack_id uuid,
        namespace_id uuid,
        module_id uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CHECK (num_nonnulls(stack_id, namespace_id, module_id) = 1),
        FOREIGN KEY (organization_id, runner_id) REFERENCES runners (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, stack_id) REFERENCES stacks (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, namespace_id) REFERENCES namespaces (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE
      );
      CREATE UNIQUE INDEX runner_assignments_stack ON runner_assignments (runner_id, stack_id)
        WHERE stack_id IS NOT NULL;
      CREATE UNIQUE INDEX runner_assignments_namespace ON runner_assignments (runner_id, namespace_id)
        WHERE namespace_id IS NOT NULL;
      CREATE UNIQUE INDEX runner_assignments_module ON runner_assignments (runner_id, module_id)
        WHERE module_id IS NOT NULL;
      -- the cascades look from the other side
      CREATE INDEX runner_assignments_of_stack ON runner_assignments (stack_id) WHERE stack_id IS NOT NULL;
      CREATE INDEX runner_assignments_of_namespace ON runner_assignments (namespace_id) WHERE namespace_id IS NOT NULL;
      CREATE INDEX runner_assignments_of_module ON runner_assignments (module_id) WHERE module_id IS NOT NULL;

      ALTER TABLE runners ADD CONSTRAINT runners_priority CHECK (priority BETWEEN -100 AND 100);

      -- queued jobs of this lane fit no known instance (docs/decisions/0010); a row is a stretch of time
      CREATE TABLE lane_warnings (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL REFERENCES organizations (id),
        lane text NOT NULL,
        raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- null: it still holds
        cleared_at timestamptz
      );
      CREATE UNIQUE INDEX lane_warnings_current ON lane_warnings (lane) WHERE cleared_at IS NULL;
      CREATE INDEX lane_warnings_by_lane ON lane_warnings (lane, raised_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      DROP TABLE lane_warnings, runner_assignments, modules, namespaces, stacks;
      ALTER TABLE runners DROP CONSTRAINT runners_priority;
    `);
  }
}
