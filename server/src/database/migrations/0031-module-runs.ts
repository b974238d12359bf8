import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One pass of an operation over a module: the jobs it makes, and what somebody decides between them. */
export class ModuleRuns1766275200000 implements MigrationInterface {
  readonly name = 'ModuleRuns1766275200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      CREATE TABLE module_runs (
        id uuid PRIMARY KEY,
        organization_id uuid NOT NULL,
        module_id uuid NOT NULL,
        operation text NOT NULL CHECK (operation IN ('validate', 'plan', 'apply', 'destroy', 'outputs', 'unlock')),
        state text NOT NULL CHECK (state IN ('planning', 'awaiting_approval', 'applying', 'working', 'succeeded',
          'failed', 'canceled', 'rejected', 'expired')),
        -- of the job that decided the state
        reason text,
        trigger text NOT NULL CHECK (trigger IN ('request', 'upstream_output')),
        -- no foreign keys: retention removes jobs, and those of runs that have ended with their runs
        first_job_id uuid NOT NULL,
        apply_job_id uuid,
        plan jsonb,
        commit text,
        state_lock jsonb,
        -- as they counted when it began, so that what is approved is what is done
        hooks jsonb NOT NULL,
        approval_rule text NOT NULL,
        approval_seconds integer NOT NULL,
        -- null: no approval was asked for
        approval_expires_at timestamptz,
        decision text CHECK (decision IN ('approved', 'rejected')),
        decided_by text,
        decided_at timestamptz,
        comment text,
        cancel_requested_at timestamptz,
        cancel_requested_by text,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz,
        FOREIGN KEY (organization_id, module_id) REFERENCES modules (organization_id, id) ON DELETE CASCADE,
        CHECK ((ended_at IS NULL) = (state IN ('planning', 'awaiting_approval', 'applying', 'working'))),
        CHECK ((decision IS NULL) = (decided_at IS NULL)),
        CHECK (state <> 'awaiting_approval' OR approval_expires_at IS NOT NULL)
      );
      CREATE INDEX module_runs_of_module ON module_runs (organization_id, module_id, id);
      CREATE INDEX module_runs_open ON module_runs (id) WHERE ended_at IS NULL;
      CREATE INDEX module_runs_first_job ON module_runs (first_job_id);
      CREATE INDEX module_runs_apply_job ON module_runs (apply_job_id) WHERE apply_job_id IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE module_runs');
  }
}
