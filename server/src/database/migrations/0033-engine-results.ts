import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What engines bring back: the result beside the attempt, and the plans that are to be carried out later. */
export class EngineResults1766448000000 implements MigrationInterface {
  readonly name = 'EngineResults1766448000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- json, not jsonb: it is only passed on, and text of a runner may hold what jsonb refuses
      CREATE TABLE engine_results (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        attempt integer NOT NULL,
        source_commit text,
        -- EngineResult; null: the job is of no module, and has a commit alone
        engine json,
        PRIMARY KEY (job_id, attempt),
        CHECK (source_commit IS NOT NULL OR engine IS NOT NULL)
      );

      CREATE TABLE engine_plans (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        attempt integer NOT NULL,
        -- of the bytes as the engine wrote them
        sha256 text NOT NULL,
        bytes integer NOT NULL,
        upload_id uuid NOT NULL,
        stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (job_id, attempt)
      );

      -- pieces of a plan, each sealed; those of an upload that was never finished go with the job
      CREATE TABLE engine_plan_pieces (
        organization_id uuid NOT NULL REFERENCES organizations (id),
        job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        attempt integer NOT NULL,
        upload_id uuid NOT NULL,
        piece integer NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (job_id, upload_id, piece)
      );
      -- what is encrypted does not shrink
      ALTER TABLE engine_plan_pieces ALTER COLUMN sealed SET STORAGE EXTERNAL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE engine_plan_pieces, engine_plans, engine_results');
  }
}
