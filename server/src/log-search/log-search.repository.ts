import { Injectable } from '@nestjs/common';
import type { JobId, JobOfLine, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { candidatesQuery, MOST_CANDIDATES, WINDOW_JOBS, type SearchFilter } from './candidates.sql.js';
import { behind, within, type SearchPosition } from './search-position.js';

/** Lines of a log in which a text may be. */
export interface Candidate {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface Candidates {
  readonly items: readonly Candidate[];
  /** How far back these reach; null: to the oldest job. */
  readonly next: SearchPosition | null;
}

export interface JobOfLineRow {
  readonly id: JobId;
  readonly name: string;
  readonly state: JobState;
  readonly runner: string | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

/** Of job `j` and its submission `s`. */
export const JOB_OF_LINE = 'j.id, s.name, j.state, j.runner_name AS runner, s.created_at, j.finished_at';

const JOBS_OF_LINES: Statement = {
  name: 'jobs-of-found-lines',
  text: /* sql */ `
    SELECT ${JOB_OF_LINE}, jsonb_path_query_array(s.spec, '$.steps[*].name') AS steps
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.organization_id = $1 AND j.id = ANY($2::uuid[])`,
};

interface CandidateRow {
  readonly jobs: number;
  readonly last_id: string | null;
  readonly job_id: JobId | null;
  readonly attempt: number;
  readonly first_seq: number;
  readonly last_seq: number;
}

@Injectable()
export class LogSearchRepository {
  constructor(private readonly database: Database) {}

  async candidates(filter: SearchFilter, probes: readonly number[], from: SearchPosition): Promise<Candidates> {
    const { statement, values } = candidatesQuery(filter, probes, from);
    const rows = await this.database.query<CandidateRow>(statement, values);
    const items = rows.flatMap(({ job_id: jobId, attempt, first_seq: firstSeq, last_seq: lastSeq }) =>
      jobId === null ? [] : [{ jobId, attempt, firstSeq, lastSeq }],
    );
    const last = items.at(-1);
    if (last && items.length === MOST_CANDIDATES) {
      return { items, next: within(last.jobId, last.attempt, last.lastSeq) };
    }
    const { jobs = 0, last_id: lastId = null } = rows[0] ?? {};
    return { items, next: jobs === WINDOW_JOBS && lastId !== null ? behind(lastId) : null };
  }

  /** The jobs of these that the organization has, each with the names of its steps. */
  async jobs(
    organizationId: OrganizationId,
    ids: readonly JobId[],
  ): Promise<Map<JobId, { job: JobOfLine; steps: readonly string[] }>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<JobOfLineRow & { steps: readonly string[] }>(JOBS_OF_LINES, [
      organizationId,
      ids,
    ]);
    return new Map(rows.map((row) => [row.id, { job: toJobOfLine(row), steps: row.steps }]));
  }
}

export function toJobOfLine({ created_at: createdAt, finished_at: finishedAt, ...row }: JobOfLineRow): JobOfLine {
  const { id, name, state, runner } = row;
  const times = { createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
  return { id, name, state, runner, ...times };
}
