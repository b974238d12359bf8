import type { JobState, OrganizationId } from '@dibs/shared';
import type { Statement } from '../database/database.js';
import { firstIdAt } from '../domain/logs/id-time.js';
import { heldStates, listedStages } from '../jobs/job-stage.sql.js';
import { LOG_IS_KEPT } from './kept-logs.sql.js';
import { NO_ID, type SearchPosition } from './search-position.js';

export interface SearchFilter {
  readonly organizationId: OrganizationId;
  /** Empty: every state. */
  readonly states: readonly JobState[];
  /** Name of the runner that holds or held the attempt. */
  readonly runner: string | null;
  /** Part of the job's name. */
  readonly job: string | null;
  /** Id of a stack, namespace or module. */
  readonly scope: string | null;
  /** Only jobs submitted at this moment or later. */
  readonly fromMs: number | null;
}

/** So many jobs are gone through by one statement: some milliseconds. */
export const WINDOW_JOBS = 2_000;
/** A window ends early with so many parts of logs that are worth a look. */
export const MOST_CANDIDATES = 500;

/**
 * Parts of logs in which the text may be, of the next jobs from a position back, the newest first. Every statement
 * goes through a bounded number of jobs, whatever the filters leave of them. A log that has no signatures, because its
 * job runs or nobody came to it yet, may hold anything.
 *
 * @param probes numbers of trigrams that a part must have
 */
export function candidatesQuery(
  filter: SearchFilter,
  probes: readonly number[],
  { before, within }: SearchPosition,
): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [filter.organizationId, before, filter.fromMs === null ? NO_ID : firstIdAt(filter.fromMs)];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const used: string[] = [];
  const conditions: string[] = [];
  let jobs = EVERY_JOB;
  if (filter.states.length > 0) {
    jobs = jobsInStates(bind(listedStages(filter.states)), bind(heldStates(filter.states)));
    used.push('states');
  }
  if (filter.runner !== null) {
    conditions.push(`a.runner_name = ${bind(filter.runner)}`);
    used.push('runner');
  }
  const ofSubmission: string[] = [];
  if (filter.job !== null) {
    ofSubmission.push(`s.name ILIKE ${bind(`%${filter.job.replace(/[\\%_]/g, '\\$&')}%`)}`);
    used.push('job');
  }
  if (filter.scope !== null) {
    ofSubmission.push(`${bind(filter.scope)}::uuid IN (s.stack_id, s.namespace_id, s.module_id)`);
    used.push('scope');
  }
  if (ofSubmission.length > 0) {
    conditions.push(/* sql */ `EXISTS (SELECT FROM job_submissions s
      WHERE s.organization_id = $1 AND s.id = j.id AND ${ofSubmission.join(' AND ')})`);
  }
  if (within !== null) {
    const [attempt, seq] = [`${bind(within.attempt)}::integer`, `${bind(within.seq)}::bigint`];
    conditions.push(/* sql */ `(j.id <> ${bind(within.jobId)}::uuid OR a.attempt < ${attempt}
      OR a.attempt = ${attempt} AND part.last_seq > ${seq})`);
    used.push('within');
  }
  const matches = probes.length === 0 ? 'true' : hasAll(probes.map((probe) => `${bind(probe)}::integer`));
  const text = /* sql */ `
    WITH seen AS MATERIALIZED (${jobs})
    SELECT (SELECT count(*)::integer FROM seen) AS jobs, (SELECT id FROM seen ORDER BY id LIMIT 1) AS last_id,
      found.job_id, found.attempt, found.first_seq, found.last_seq
    FROM (SELECT) AS always LEFT JOIN (
      SELECT j.id AS job_id, a.attempt, part.first_seq, part.last_seq
      FROM seen CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = seen.id OFFSET 0) AS j
      CROSS JOIN LATERAL (
        SELECT j.attempt, j.last_seq, j.runner_name
        UNION ALL
        SELECT e.attempt, e.last_seq, e.runner_name FROM earlier_attempts e WHERE j.attempt > 1 AND e.job_id = j.id) AS a
      CROSS JOIN LATERAL (
        SELECT g.first_seq, g.last_seq FROM log_signatures g
        WHERE g.job_id = j.id AND g.attempt = a.attempt AND ${matches}
        UNION ALL
        SELECT 1, a.last_seq
        WHERE NOT EXISTS (SELECT FROM log_signatures g WHERE g.job_id = j.id AND g.attempt = a.attempt)) AS part
      WHERE ${['a.last_seq > 0', LOG_IS_KEPT, ...conditions].join(' AND ')}
      ORDER BY j.id DESC, a.attempt DESC, part.first_seq
      LIMIT ${MOST_CANDIDATES}) AS found ON true
    ORDER BY found.job_id DESC, found.attempt DESC, found.first_seq`;
  return { statement: { name: ['search-logs', ...used, probes.length].join('-'), text }, values };
}

const EVERY_JOB = /* sql */ `
  SELECT s.id FROM job_submissions s WHERE s.organization_id = $1 AND s.id < $2 AND s.id >= $3
  ORDER BY s.id DESC LIMIT ${WINDOW_JOBS}`;

/** Each state from its own ranges of the index over stages, said as rows for the planner's sake: jobs/job-list-query.ts. */
function jobsInStates(others: string, held: string): string {
  return /* sql */ `
    SELECT of_states.id FROM (
      SELECT one.id FROM unnest(${others}::text[]) AS wanted (stage) CROSS JOIN LATERAL (
        SELECT j.id FROM jobs j
        WHERE j.organization_id = $1 AND j.stage <> 'held'
          AND (j.stage, j.id) >= (wanted.stage, $3::uuid) AND (j.stage, j.id) < (wanted.stage, $2::uuid)
        ORDER BY j.stage DESC, j.id DESC LIMIT ${WINDOW_JOBS}) AS one
      UNION ALL
      SELECT j.id FROM jobs j
      WHERE j.organization_id = $1 AND j.stage = 'held' AND j.state = ANY(${held}::text[]) AND j.id < $2 AND j.id >= $3
    ) AS of_states
    ORDER BY of_states.id DESC LIMIT ${WINDOW_JOBS}`;
}

/** The lengths are powers of two, so the remainder is what is left of the lower bits. One after the other: most stop at the first. */
function hasAll(probes: readonly string[]): string {
  return probes.map((probe) => `get_bit(g.bits, ${probe} & (octet_length(g.bits) * 8 - 1)) = 1`).join(' AND ');
}
