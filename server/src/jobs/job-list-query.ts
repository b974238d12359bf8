import type { JobId, JobState, OrganizationId } from '@dibs/shared';
import type { Statement } from '../database/database.js';
import { UUID } from '../platform/page.js';
import { heldStates, LAST_ID, listedStages, NO_ID, standAt } from './job-stage.sql.js';
import { JOB_COLUMNS } from './job.sql.js';

export interface JobListFilter {
  readonly organizationId: OrganizationId;
  /** Empty: every state. */
  readonly states: readonly JobState[];
  /** Name of the runner that holds or held the job, or that it is pinned to. */
  readonly runner: string | null;
  /** Part of the job's name, or its id. */
  readonly text: string | null;
  /** Id of a module, or a path: `prod/network/vpc`, or `prod/network` or `prod` for everything inside. */
  readonly module: string | null;
  /** Only the children of this fan-out. */
  readonly parentId: JobId | null;
  /** Only jobs older than this one. */
  readonly before: JobId | null;
  /** Only jobs younger than this one. */
  readonly after: JobId | null;
  readonly limit: number;
}

/**
 * The newest jobs first (ids are UUIDv7). The statement differs with the filters in use, because one text for all of
 * them could not use the indexes. Each state is read from its own ranges of the index over stages, so that the few jobs of
 * one state are found at once among millions of another. Jobs that a runner holds, and the children of a fan-out, have
 * indexes of their own, in which there are never more of them than slots and instances.
 *
 * Which of the two rows of a job is looked up first is said, not left to the planner: it may have seen the tables when
 * they were young, and walk through the jobs of every organization.
 */
export function jobListQuery(filter: JobListFilter): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [filter.organizationId, filter.limit];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ['s.organization_id = $1'];
  const used = [];
  let before = LAST_ID;
  if (filter.before !== null) {
    before = `${bind(filter.before)}::uuid`;
    conditions.push(`s.id < ${before}`);
    used.push('before');
  }
  let after = NO_ID;
  if (filter.after !== null) {
    after = `${bind(filter.after)}::uuid`;
    conditions.push(`s.id > ${after}`);
    used.push('after');
  }
  if (filter.module !== null) {
    const kind = kindAt(filter.module);
    const value = bind(filter.module);
    conditions.push(kind === 'id' ? `s.module_id = ${value}::uuid` : `s.${kind}_id = ${PLACE_AT[kind](value)}`);
    used.push(`at-${kind}`);
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
  const newest = (from: string, more: readonly string[], order = 's.id DESC'): string => /* sql */ `
    SELECT ${JOB_COLUMNS} FROM ${from}
    WHERE ${[...conditions, ...more].join(' AND ')} ORDER BY ${order} LIMIT $2`;
  if (filter.parentId !== null) {
    const children = among(`parent_id = ${bind(filter.parentId)}::uuid`);
    const wanted = filter.states.length === 0 ? [] : [`j.state = ANY(${bind(filter.states)}::text[])`];
    const name = nameOf([...used, 'children', ...(wanted.length > 0 ? ['states'] : [])]);
    return { statement: { name, text: newest(children, wanted) }, values };
  }
  if (filter.states.length === 0) return { statement: { name: nameOf(used), text: newest(EVERY, []) }, values };
  const held = bind(heldStates(filter.states));
  const others = bind(listedStages(filter.states));
  const inStage = ['j.organization_id = $1', standAt('wanted.stage', after, before)];
  const text = /* sql */ `
    SELECT found.* FROM (
      SELECT one.* FROM unnest(${held}::text[]) AS wanted (state)
      CROSS JOIN LATERAL (${newest(among("stage = 'held'"), ['j.state = wanted.state'])}) AS one
      UNION ALL
      SELECT one.* FROM unnest(${others}::text[]) AS wanted (stage)
      CROSS JOIN LATERAL (${newest(IN_STAGE, inStage, 'j.stage DESC, j.id DESC')}) AS one
    ) AS found
    ORDER BY found.id DESC LIMIT $2`;
  return { statement: { name: nameOf([...used, 'states']), text }, values };
}

function kindAt(idOrPath: string): 'id' | keyof typeof PLACE_AT {
  if (UUID.test(idOrPath)) return 'id';
  return (['stack', 'namespace'] as const)[idOrPath.split('/').length - 1] ?? 'module';
}

const NAMESPACES = /* sql */ `stacks k
    JOIN namespaces n ON n.organization_id = k.organization_id AND n.stack_id = k.id`;

/** Expressions of the id of what is at a path of names. */
const PLACE_AT = {
  stack: (path: string) => /* sql */ `(SELECT k.id FROM stacks k WHERE k.organization_id = $1 AND k.name = ${path})`,
  namespace: (path: string) => /* sql */ `(
    SELECT n.id FROM ${NAMESPACES} WHERE k.organization_id = $1 AND k.name || '/' || n.name = ${path})`,
  module: (path: string) => /* sql */ `(
    SELECT m.id FROM ${NAMESPACES}
    JOIN modules m ON m.organization_id = n.organization_id AND m.namespace_id = n.id
    WHERE k.organization_id = $1 AND k.name || '/' || n.name || '/' || m.name = ${path})`,
};

/** From the newest submission of the organization on. */
const EVERY = /* sql */ `job_submissions s CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = s.id OFFSET 0) AS j`;

/** From the newest job of the stage on. */
const IN_STAGE = /* sql */ `jobs j CROSS JOIN LATERAL (
    SELECT * FROM job_submissions WHERE job_submissions.organization_id = j.organization_id AND job_submissions.id = j.id
    OFFSET 0) AS s`;

/** The jobs of a small index, all of them. */
function among(which: string): string {
  return /* sql */ `(SELECT * FROM jobs WHERE organization_id = $1 AND ${which} OFFSET 0) AS j
    JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id`;
}

function nameOf(used: readonly string[]): string {
  return ['list-jobs', ...used].join('-');
}

/** A pattern of LIKE in which nothing of the text itself is special. */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
