import { Injectable } from '@nestjs/common';
import type { EngineResult, JobId, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';

/** What the last attempt that told anything brought back. */
export interface JobEngineResult {
  readonly attempt: number;
  /** null: the job has no source, or the runner is too old to tell. */
  readonly commit: string | null;
  /** null: the job is of no module, or never got as far. */
  readonly engine: EngineResult | null;
}

const OF_JOBS: Statement = {
  name: 'engine-results.of',
  text: /* sql */ `
    SELECT DISTINCT ON (job_id) job_id AS "jobId", attempt, source_commit AS commit, engine
    FROM engine_results WHERE organization_id = $1 AND job_id = ANY($2)
    ORDER BY job_id, attempt DESC`,
};

@Injectable()
export class EngineResults {
  constructor(private readonly database: Database) {}

  /** A job of which nothing was told (yet) is not in it. */
  async of(organizationId: OrganizationId, jobIds: readonly JobId[]): Promise<ReadonlyMap<JobId, JobEngineResult>> {
    const rows = await this.database.query<JobEngineResult & { readonly jobId: JobId }>(OF_JOBS, [
      organizationId,
      jobIds,
    ]);
    return new Map(rows.map(({ jobId, attempt, commit, engine }) => [jobId, { attempt, commit, engine }]));
  }
}
