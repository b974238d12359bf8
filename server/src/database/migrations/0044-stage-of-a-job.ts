import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One generated column tells all partial indexes where a job stands, instead of six: each was computed and compared by every
 * claim and every result. And nothing refers to `jobs` any more, whose row changes all the time, but to `job_submissions`,
 * whose row stays (docs/decisions/0045).
 *
 * Indexes still do not ask `state`, so that whoever looks a row up by its id and asks for its state besides is never tempted to
 * walk through an index of all the rows in that state.
 */
export class StageOfAJob1767398400000 implements MigrationInterface {
  readonly name = 'StageOfAJob1767398400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      ALTER TABLE log_signatures DROP CONSTRAINT log_signatures_job_id_fkey;
      ALTER TABLE log_errors DROP CONSTRAINT log_errors_job_id_fkey;
      ALTER TABLE engine_results DROP CONSTRAINT engine_results_job_id_fkey;
      ALTER TABLE engine_plans DROP CONSTRAINT engine_plans_job_id_fkey;
      ALTER TABLE engine_plan_pieces DROP CONSTRAINT engine_plan_pieces_job_id_fkey;
      -- retention sees to these two itself: the first has no organization, the second outlives its job
      ALTER TABLE log_receipts DROP CONSTRAINT log_receipts_job_id_fkey;
      ALTER TABLE module_output_sets DROP CONSTRAINT module_output_sets_job_id_fkey;

      -- in one command, which writes the table anew once; the indexes go with the columns
      ALTER TABLE jobs
        DROP COLUMN queued,
        DROP COLUMN held,
        DROP COLUMN listed_state,
        DROP COLUMN open_group,
        DROP COLUMN waiting_group,
        DROP COLUMN fans_out,
        -- the state, but: 'held' by a runner; and 'waiting' is who waits to be let in (for its group, a quota, another try),
        -- not a fan-out that waits for its children ('fan_out'), nor one of these for its turn ('fan_out_turn')
        ADD COLUMN stage text NOT NULL GENERATED ALWAYS AS (
          CASE WHEN state IN ('claimed', 'running') THEN 'held'
            WHEN state = 'waiting' AND reason IN ('fan_out', 'fan_out_turn') THEN reason
            ELSE state END) STORED;

      -- the queue: ids are UUIDv7, so of equal ranks the older goes first
      CREATE INDEX jobs_queue ON jobs (lane, rank, id) WHERE stage = 'queued';
      CREATE INDEX jobs_queue_expiry ON jobs (queue_expires_at) WHERE stage = 'queued';
      -- what instances hold: never more rows than there are slots
      CREATE INDEX jobs_held ON jobs (organization_id, instance_id, id) WHERE stage = 'held';
      CREATE INDEX jobs_by_stage ON jobs (organization_id, stage, id) WHERE stage <> 'held';
      CREATE INDEX jobs_waiting ON jobs (queue_expires_at) WHERE stage = 'waiting';
      CREATE INDEX jobs_fans_out ON jobs (id) WHERE stage = 'fan_out';
      -- who uses up the limit of a concurrency group; a fan-out does so for as long as its children run
      CREATE INDEX jobs_open_group ON jobs (organization_id, concurrency_key, id)
        WHERE concurrency_key IS NOT NULL AND stage IN ('queued', 'held', 'fan_out');
      -- the group that must let the job in; '': only the quota of its organization holds it back
      CREATE INDEX jobs_waiting_group ON jobs (organization_id, COALESCE(concurrency_key, ''), id) WHERE stage = 'waiting';
      -- without a group the order is that of the queue: priority, then age
      CREATE INDEX jobs_waiting_quota ON jobs (organization_id, rank, id)
        WHERE concurrency_key IS NULL AND stage = 'waiting';
      -- only a job of a group supersedes
      CREATE INDEX jobs_superseding_open ON jobs (organization_id, concurrency_key, id)
        WHERE supersede IS NOT NULL AND stage IN ('queued', 'held', 'fan_out');
      CREATE INDEX jobs_superseding_waiting ON jobs (organization_id, concurrency_key, id)
        WHERE supersede IS NOT NULL AND stage = 'waiting';
    `);
    for (const table of ['log_signatures', 'log_errors', 'engine_results', 'engine_plans', 'engine_plan_pieces']) {
      await runner.query(/* sql */ `
        ALTER TABLE ${table}
          ADD FOREIGN KEY (organization_id, job_id) REFERENCES job_submissions (organization_id, id) ON DELETE CASCADE`);
    }
  }

  async down(): Promise<void> {
    await Promise.reject(
      new Error('Restore a backup instead: what refers to jobs is not checked the old way any more.'),
    );
  }
}
