import type { JobId, JobState, OrganizationId } from '@dibs/shared';
import type { Statement } from '../database/database.js';
import { UUID } from '../platform/page.js';
import { JOB_COLUMNS, JOB_WITH_ATTEMPT } from './job.sql.js';

export interface JobListFilter {
  readonly organizationId: OrganizationId;
  /** Empty: every state. */
  readonly states: readonly JobState[];
  /** Name of the runner that holds or held the job, or that it is pinned to. */
  readonly runner: string | null;
  /** Part of the job's name, or its id. */
  readonly text: string | null;
  /** Only the children of this fan-out. */
  readonly parentId: JobId | null;
  /** Only jobs older than this one. */
  readonly before: JobId | null;
  readonly limit: number;
}

/**
 * The newest jobs first (ids are UUIDv7). The statement differs with the filters in use, because one text for all of
 * them could not use the indexes. Each state is read from its own range of the index over phases, so that the few jobs of
 * one state are found at once among millions of another. Jobs that a runner holds share a phase with those that have
 * succeeded, so they are found through the current attempts, of which there are never more than slots.
 */
export function jobListQuery(filter: JobListFilter): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [filter.organizationId, filter.limit];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ['j.organization_id = $1'];
  const used = [];
  let before = `'${LAST_ID}'::uuid`;
  if (filter.before !== null) {
    before = `${bind(filter.before)}::uuid`;
    conditions.push(`j.id < ${before}`);
    used.push('before');
  }
  if (filter.parentId !== null) {
    conditions.push(`j.parent_id = ${bind(filter.parentId)}::uuid`);
    used.push('parent');
  }
  if (filter.runner !== null) {
    const name = bind(filter.runner);
    conditions.push(`(a.runner_name = ${name} OR j.spec->>'runner' = ${name})`);
    used.push('runner');
  }
  if (filter.text !== null) {
    const isId = UUID.test(filter.text);
    conditions.push(isId ? `j.id = ${bind(filter.text)}::uuid` : `j.name ILIKE ${bind(containing(filter.text))}`);
    used.push(isId ? 'id' : 'text');
  }
  const newest = (more: readonly string[], from = JOB_WITH_ATTEMPT, order = 'j.id DESC'): string => /* sql */ `
    SELECT ${JOB_COLUMNS} FROM ${from}
    WHERE ${[...conditions, ...more].join(' AND ')} ORDER BY ${order} LIMIT $2`;
  if (filter.states.length === 0) return { statement: { name: nameOf(used), text: newest([]) }, values };
  const held = bind(filter.states.filter(isHeld));
  const others = bind(filter.states.filter((state) => !isHeld(state)));
  const text = /* sql */ `
    SELECT found.* FROM (
      SELECT one.* FROM unnest(${held}::text[]) AS wanted (state)
      CROSS JOIN LATERAL (${newest(HELD, `job_attempts h JOIN (${JOB_WITH_ATTEMPT}) ON j.id = h.job_id`)}) AS one
      UNION ALL
      SELECT one.* FROM unnest(${others}::text[]) AS wanted (state)
      CROSS JOIN LATERAL (${newest(inPhase(before), JOB_WITH_ATTEMPT, 'j.phase DESC, j.id DESC')}) AS one
    ) AS found
    ORDER BY found.id DESC LIMIT $2`;
  return { statement: { name: nameOf([...used, 'states']), text }, values };
}

/**
 * One range of the index over phases, said as rows: with a plain `phase = …` the planner may read the organization's
 * jobs from the newest on instead, hoping to meet enough of the state soon, and walk through a million others.
 *
 * @param before expression of an id
 */
function inPhase(before: string): readonly string[] {
  const phase = `CASE wanted.state WHEN 'succeeded' THEN 'taken' ELSE wanted.state END`;
  return [
    `(j.phase, j.id) > (${phase}, '${NO_ID}'::uuid)`,
    `(j.phase, j.id) < (${phase}, ${before})`,
    'j.state = wanted.state',
  ];
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const HELD = ['h.ended_at IS NULL', 'h.organization_id = $1', 'j.state = wanted.state'];

function isHeld(state: JobState): boolean {
  return state === 'claimed' || state === 'running';
}

function nameOf(used: readonly string[]): string {
  return ['list-jobs', ...used].join('-');
}

/** A pattern of LIKE in which nothing of the text itself is special. */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
