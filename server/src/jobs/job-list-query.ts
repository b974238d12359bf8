import type { JobId, JobState, OrganizationId } from '@dibs/shared';
import type { Statement } from '../database/database.js';
import { UUID } from '../platform/page.js';
import { JOB_COLUMNS, JOB_WITH_SUBMISSION } from './job.sql.js';

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
 * them could not use the indexes. Each state is read from its own range of the index over states, so that the few jobs of
 * one state are found at once among millions of another. Jobs that a runner holds have an index of their own, in which
 * there are never more of them than slots.
 */
export function jobListQuery(filter: JobListFilter): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [filter.organizationId, filter.limit];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ['s.organization_id = $1'];
  const used = [];
  let before = `'${LAST_ID}'::uuid`;
  if (filter.before !== null) {
    before = `${bind(filter.before)}::uuid`;
    conditions.push(`s.id < ${before}`);
    used.push('before');
  }
  if (filter.parentId !== null) {
    conditions.push(`j.parent_id = ${bind(filter.parentId)}::uuid`);
    used.push('parent');
  }
  if (filter.runner !== null) {
    const name = bind(filter.runner);
    conditions.push(`(j.runner_name = ${name} OR s.spec->>'runner' = ${name})`);
    used.push('runner');
  }
  if (filter.text !== null) {
    const isId = UUID.test(filter.text);
    conditions.push(isId ? `s.id = ${bind(filter.text)}::uuid` : `s.name ILIKE ${bind(containing(filter.text))}`);
    used.push(isId ? 'id' : 'text');
  }
  const newest = (more: readonly string[], order = 's.id DESC'): string => /* sql */ `
    SELECT ${JOB_COLUMNS} FROM ${JOB_WITH_SUBMISSION}
    WHERE ${[...conditions, ...more].join(' AND ')} ORDER BY ${order} LIMIT $2`;
  if (filter.states.length === 0) return { statement: { name: nameOf(used), text: newest([]) }, values };
  const held = bind(filter.states.filter(isHeld));
  const others = bind(filter.states.filter((state) => !isHeld(state)));
  const text = /* sql */ `
    SELECT found.* FROM (
      SELECT one.* FROM unnest(${held}::text[]) AS wanted (state)
      CROSS JOIN LATERAL (${newest(HELD)}) AS one
      UNION ALL
      SELECT one.* FROM unnest(${others}::text[]) AS wanted (state)
      CROSS JOIN LATERAL (${newest(inState(before), 'j.listed_state DESC, j.id DESC')}) AS one
    ) AS found
    ORDER BY found.id DESC LIMIT $2`;
  return { statement: { name: nameOf([...used, 'states']), text }, values };
}

/**
 * One range of the index over states, said as rows: with a plain `state = …` the planner may read the organization's
 * jobs from the newest on instead, hoping to meet enough of the state soon, and walk through a million others.
 *
 * @param before expression of an id
 */
function inState(before: string): readonly string[] {
  return [
    'j.organization_id = $1',
    `(j.listed_state, j.id) > (wanted.state, '${NO_ID}'::uuid)`,
    `(j.listed_state, j.id) < (wanted.state, ${before})`,
    'j.listed_state = wanted.state',
  ];
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const HELD = ['j.organization_id = $1', 'j.held', 'j.state = wanted.state'];

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
