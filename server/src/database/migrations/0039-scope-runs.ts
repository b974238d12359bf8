import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passes of an operation over all modules of a stack or namespace, and which modules there is something of. */
export class ScopeRuns1766966400000 implements MigrationInterface {
  readonly name = 'ScopeRuns1766966400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE scope_runs (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        stack_id uuid NOT NULL,
        -- null: the whole stack
        namespace_id uuid,
        operation text NOT NULL CHECK (operation IN ('plan', 'apply', 'destroy')),
        on_failure text NOT NULL CHECK (on_failure IN ('stop', 'continue')),
        state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed', 'canceled')),
        -- [{from, to, outputs}] of the modules inside, as they were when it began
        dependencies jsonb NOT NULL,
        created_by text NOT NULL,
        -- in whose name the runs of its modules begin
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        cancel_requested_at timestamptz,
        cancel_requested_by text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz,
        FOREIGN KEY (organization_id, stack_id) REFERENCES stacks (organization_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organization_id, namespace_id) REFERENCES namespaces (organization_id, id) ON DELETE CASCADE,
        CHECK ((ended_at IS NULL) = (state = 'running'))
      );
      CREATE INDEX scope_runs_of_stack ON scope_runs (organization_id, stack_id, id);
      CREATE INDEX scope_runs_of_namespace ON scope_runs (organization_id, namespace_id) WHERE namespace_id IS NOT NULL;
      CREATE INDEX scope_runs_open ON scope_runs (id) WHERE ended_at IS NULL;

      CREATE TABLE scope_run_modules (
        organization_id uuid NOT NULL,
        scope_run_id uuid NOT NULL REFERENCES scope_runs (id) ON DELETE CASCADE,
        module_id uuid NOT NULL,
        -- in the order in which they are applied
        position integer NOT NULL,
        state text NOT NULL DEFAULT 'waiting'
          CHECK (state IN ('waiting', 'running', 'succeeded', 'failed', 'skipped', 'canceled')),
        -- no foreign key: retention removes runs of modules with their jobs
        run_id uuid,
        note text,
        PRIMARY KEY (scope_run_id, module_id),
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE,
        CHECK (state <> 'waiting' OR run_id IS NULL),
        CHECK (state <> 'running' OR run_id IS NOT NULL)
      );
      CREATE INDEX scope_run_modules_of_module ON scope_run_modules (organization_id, module_id);
      CREATE INDEX scope_run_modules_run ON scope_run_modules (run_id) WHERE run_id IS NOT NULL;

      -- since when something of it may be there; null: it was never applied, or was destroyed since
      ALTER TABLE modules ADD COLUMN applied_at timestamptz;
      UPDATE modules m SET applied_at = clock_timestamp()
      WHERE EXISTS (SELECT FROM module_output_sets s WHERE s.organization_id = m.organization_id AND s.module_id = m.id)
        OR EXISTS (SELECT FROM module_runs r WHERE r.organization_id = m.organization_id AND r.module_id = m.id
          AND r.apply_job_id IS NOT NULL);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE modules DROP COLUMN applied_at;
      DROP TABLE scope_run_modules, scope_runs;
    `);
  }
}
