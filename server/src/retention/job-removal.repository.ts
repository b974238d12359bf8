import { Injectable } from '@nestjs/common';
import { isTerminal, type JobId, type JobState, type OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { chunksOf } from './chunks-of.js';
import { exclusively } from './exclusively.js';

const JOBS_AT_ONCE = 200;

const NEXT_JOBS: Statement = {
  name: 'job-removal.next',
  text: /* sql */ `
    SELECT s.id, j.state, j.finished_at < $4 AND NOT EXISTS (
      -- its plan may still be carried out
      SELECT FROM module_runs r WHERE r.first_job_id = s.id AND r.ended_at IS NULL) AS "isOld"
    FROM job_submissions s JOIN jobs j ON j.id = s.id
    WHERE s.organization_id = $1 AND s.id > $2 AND s.id < $3 ORDER BY s.id LIMIT ${JOBS_AT_ONCE}`,
};

/** Parents some of whose children stay. */
const STILL_PARENTS: Statement = {
  name: 'job-removal.still-parents',
  text: /* sql */ `
    SELECT DISTINCT parent_id AS id FROM jobs
    WHERE organization_id = $1 AND parent_id IS NOT NULL AND parent_id = ANY($2) AND id <> ALL($2)`,
};

/** A job that retried one of them remains, and forgets which. */
const FORGET_RETRIED: Statement = {
  name: 'job-removal.forget-retried',
  text: `UPDATE job_submissions SET retry_of = NULL
         WHERE organization_id = $1 AND retry_of IS NOT NULL AND retry_of = ANY($2) AND id <> ALL($2)`,
};

/** They are as old as jobs: those of their modules' runs go about then. */
const DELETE_SCOPE_RUNS: Statement = {
  name: 'job-removal.scope-runs',
  text: 'DELETE FROM scope_runs WHERE organization_id = $1 AND ended_at < $2',
};

/** The rest goes with `job_submissions`, by foreign keys. */
const DELETES: readonly Statement[] = [
  { name: 'job-removal.steps', text: 'DELETE FROM job_steps WHERE job_id = ANY($1)' },
  { name: 'job-removal.attempts', text: 'DELETE FROM earlier_attempts WHERE job_id = ANY($1)' },
  { name: 'job-removal.retained', text: 'DELETE FROM retained_logs WHERE job_id = ANY($1)' },
  { name: 'job-removal.runs', text: 'DELETE FROM module_runs WHERE first_job_id = ANY($1)' },
  { name: 'job-removal.jobs', text: 'DELETE FROM jobs WHERE id = ANY($1)' },
  // behind the jobs: who has just counted a log has locked its job
  { name: 'job-removal.receipts', text: 'DELETE FROM log_receipts WHERE job_id = ANY($1)' },
  { name: 'job-removal.output-sets', text: 'UPDATE module_output_sets SET job_id = NULL WHERE job_id = ANY($1)' },
  { name: 'job-removal.archive-queue', text: 'DELETE FROM log_archive_queue WHERE job_id = ANY($1)' },
  // behind the jobs: whoever records a copy holds its job, and is waited for there
  {
    name: 'job-removal.archives',
    text: /* sql */ `
      WITH gone AS (DELETE FROM log_archives WHERE job_id = ANY($1) RETURNING object_name, removed_on)
      INSERT INTO log_archive_removals (object_name) SELECT object_name FROM gone WHERE removed_on IS NULL`,
  },
];

const DELETE_SUBMISSIONS: Statement = {
  name: 'job-removal.submissions',
  text: 'DELETE FROM job_submissions WHERE organization_id = $1 AND id = ANY($2)',
};

export interface RemovedJobs {
  readonly removed: number;
  /** The last one that was looked at; null: there are no more. */
  readonly next: string | null;
}

interface JobRow {
  readonly id: JobId;
  readonly state: JobState;
  readonly isOld: boolean | null;
}

@Injectable()
export class JobRemovalRepository {
  constructor(private readonly database: Database) {}

  /**
   * Removes, of the next jobs of an organization, those that ended before a moment. A fan-out stays until its children are
   * gone, which the next run finds.
   *
   * @param after the last job that was looked at
   * @param end jobs from this id on were submitted later than that
   * @returns null: another server is at it
   */
  removeNext(
    organizationId: OrganizationId,
    after: string,
    end: string,
    endedBefore: Date,
  ): Promise<RemovedJobs | null> {
    return exclusively(this.database, async (tx) => {
      await tx.query(DELETE_SCOPE_RUNS, [organizationId, endedBefore]);
      const jobs = await tx.query<JobRow>(NEXT_JOBS, [organizationId, after, end, endedBefore]);
      const next = jobs.length < JOBS_AT_ONCE ? null : jobs.at(-1)!.id;
      let ids = jobs.filter(({ state, isOld }) => isTerminal(state) && isOld === true).map(({ id }) => id);
      for (;;) {
        const stay = await tx.query<{ id: JobId }>(STILL_PARENTS, [organizationId, ids]);
        if (stay.length === 0) break;
        const parents = new Set(stay.map(({ id }) => id));
        ids = ids.filter((id) => !parents.has(id));
      }
      if (ids.length === 0) return { removed: 0, next };
      await chunksOf(ids).deleteIn(tx);
      await tx.query(FORGET_RETRIED, [organizationId, ids]);
      for (const statement of DELETES) await tx.query(statement, [ids]);
      await tx.query(DELETE_SUBMISSIONS, [organizationId, ids]);
      return { removed: ids.length, next };
    });
  }
}
