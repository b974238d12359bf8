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
 * them could not use the indexes. Each state is read from its own index range, so that the few queued jobs are found
 * at once below millions of finished ones.
 */
export function jobListQuery(filter: JobListFilter): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [filter.organizationId, filter.limit];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ['j.organization_id = $1'];
  const used = [];
  if (filter.before !== null) {
    conditions.push(`j.id < ${bind(filter.before)}::uuid`);
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
  const newest = (more: readonly string[]): string => /* sql */ `
    SELECT ${JOB_COLUMNS} FROM ${JOB_WITH_ATTEMPT}
    WHERE ${[...conditions, ...more].join(' AND ')} ORDER BY j.id DESC LIMIT $2`;
  if (filter.states.length === 0) return { statement: { name: nameOf(used), text: newest([]) }, values };
  const text = /* sql */ `
    SELECT found.* FROM unnest(${bind(filter.states)}::text[]) AS wanted (state)
    CROSS JOIN LATERAL (${newest(['j.state = wanted.state'])}) AS found
    ORDER BY found.id DESC LIMIT $2`;
  return { statement: { name: nameOf([...used, 'states']), text }, values };
}

function nameOf(used: readonly string[]): string {
  return ['list-jobs', ...used].join('-');
}

/** A pattern of LIKE in which nothing of the text itself is special. */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
