import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { OrganizationId } from '@dibs/shared';
import * as admission from '../../src/admission/admission.sql.js';
import { LOCK_SUPERSEDED } from '../../src/admission/supersede.sql.js';
import { dataSourceOptions } from '../../src/database/data-source.js';
import type { Database, Statement } from '../../src/database/database.js';
import { ExpiryRepository } from '../../src/dispatch/expiry.repository.js';
import { LOCK_EXPIRED } from '../../src/dispatch/lost-attempt.sql.js';
import { QueueRepository } from '../../src/dispatch/queue.repository.js';
import * as explain from '../../src/explain/explain.sql.js';
import { OPEN_FAN_OUTS } from '../../src/fan-out/fan-out.sql.js';
import * as overview from '../../src/overview/overview.sql.js';
import { connect, makeTenant } from '../support/job-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Enough that a plan which looks at all of them cannot hide. */
const CROWD = 20_000;
/** Pages for what is found by a few entries of an index, however many others there are. */
const FEW_PAGES = 150;
const NO_ID = '00000000-0000-0000-0000-000000000000';

let database: TestDatabase;
let client: pg.Client;
const organizationId = randomUUID() as OrganizationId;

beforeAll(async () => {
  database = await createTestDatabase();
  // as the server asks: plans are made once, whatever the values
  const { extra } = dataSourceOptions(database.url, 1, () => undefined) as { extra: { options: string } };
  const url = new URL(database.url);
  url.searchParams.set('options', extra.options);
  client = await connect(url.href);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

interface Crowd {
  readonly state: string;
  readonly reason?: string;
  readonly group?: string;
  readonly supersede?: string;
  readonly lane?: string;
  readonly count?: number;
}

async function fill({ state, reason, group, supersede, lane = 'few', count = 2 }: Crowd): Promise<void> {
  await client.query(
    `WITH made AS (
     INSERT INTO jobs (id, organization_id, state, reason, lane, rank, priority, step_count, queue_expires_at,
       concurrency_key, concurrency_limit, supersede, instance_id, lease_expires_at)
     SELECT gen_random_uuid(), $1::uuid, $2::text, $3, $4, n, 0, 1, 'infinity', $5::text, CASE WHEN $5 IS NOT NULL THEN 3 END,
       $6, CASE WHEN $2 = 'running' THEN $1 END, CASE WHEN $2 = 'running' THEN 'infinity'::timestamptz END
     FROM generate_series(1, $7::integer) AS n
     RETURNING id, organization_id)
     INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
     SELECT id, organization_id, 'job', '{}', 'fail', 1, 'test', clock_timestamp() FROM made`,
    [organizationId, state, reason, lane, group, supersede, count],
  );
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

const heard: (readonly [Statement, readonly unknown[]])[] = [];
/** Lets repositories say what they ask, and answers nothing. */
const listening = {
  query: (statement: Statement, values: readonly unknown[] = []) => {
    heard.push([statement, values]);
    return Promise.resolve([]);
  },
} as unknown as Database;
const queue = new QueueRepository(listening);

type Asked = readonly [Statement, readonly unknown[]];
const first = async (ask: Promise<unknown>): Promise<Asked> => {
  await ask;
  return heard.pop()!;
};

const at = { priority: 0, rank: 1, jobId: NO_ID } as never;
const BY_ID = 'jobs_pkey';

/** What is asked, by which indexes of `jobs` it is found, and whether it is a few rows. */
const ASKED: readonly (readonly [string, () => Asked | Promise<Asked>, readonly string[], 'few' | 'counted'])[] = [
  ['the window of a lane', () => first(queue.waiting('few', null, 10)), ['jobs_queue'], 'few'],
  ['the window after a position', () => first(queue.waiting('few', at, 10)), ['jobs_queue'], 'few'],
  ['lanes with queued jobs', () => first(queue.lanes('', 10)), ['jobs_queue'], 'few'],
  ['what lanes demand', () => first(queue.describe(['few'])), ['jobs_queue'], 'few'],
  [
    'queue timeouts',
    () => first(new ExpiryRepository(listening).expire(10)),
    [BY_ID, 'jobs_queue_expiry', 'jobs_waiting'],
    'few',
  ],
  ['leases that ran out', () => [LOCK_EXPIRED, [10]], ['jobs_held'], 'few'],
  ['open fan-outs', () => [OPEN_FAN_OUTS, [NO_ID, 10]], ['jobs_fans_out'], 'few'],
  ['groups that wait', () => [admission.EXPAND, [[organizationId], [''], 100]], ['jobs_waiting_group'], 'few'],
  [
    'targets of admission',
    () => [admission.DISCOVER, [NO_ID, '', 100]],
    ['jobs_open_group', 'jobs_superseding_waiting', 'jobs_waiting_group', 'jobs_waiting_quota'],
    'few',
  ],
  [
    'who is let into a group',
    () => [admission.PROMOTE, [[organizationId], ['few'], 10]],
    [BY_ID, 'jobs_by_stage', 'jobs_held', 'jobs_open_group', 'jobs_waiting_group', 'jobs_waiting_quota'],
    'few',
  ],
  [
    'who is let in by a quota',
    () => [admission.PROMOTE, [[organizationId], [''], 10]],
    [BY_ID, 'jobs_by_stage', 'jobs_held', 'jobs_open_group', 'jobs_waiting_group', 'jobs_waiting_quota'],
    'few',
  ],
  [
    'who is superseded',
    () => [LOCK_SUPERSEDED, [[organizationId], ['few'], 10]],
    [BY_ID, 'jobs_open_group', 'jobs_superseding_open', 'jobs_superseding_waiting', 'jobs_waiting_group'],
    'few',
  ],
  [
    'why a group is full',
    () => [explain.GROUP, [organizationId, 'few', null]],
    ['jobs_open_group', 'jobs_waiting_group'],
    'few',
  ],
  ['how full an organization is', () => [explain.QUOTA, [organizationId]], ['jobs_by_stage', 'jobs_held'], 'few'],
  ['how long the queue is', () => [overview.QUEUED, [organizationId]], ['jobs_by_stage'], 'counted'],
  ['how long a lane is', () => [overview.LANE_DEPTHS, [organizationId, ['few']]], ['jobs_queue'], 'few'],
  ['what jobs wait for', () => [overview.WAITING, [organizationId]], ['jobs_by_stage'], 'counted'],
  ['how many run', () => [overview.RUNNING, [organizationId]], ['jobs_held'], 'few'],
];

/** Makes its plan with the first look, and keeps it, unless the tables are analyzed. */
async function lookAt(n: number, [statement, values]: Asked): Promise<{ indexes: string[]; pages: number }> {
  const name = `asked_${n}`;
  const known = await client.query('SELECT FROM pg_prepared_statements WHERE name = $1', [name]);
  if (known.rowCount === 0) await client.query(`PREPARE ${name} AS ${statement.text}`);
  await client.query('BEGIN');
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${name} (${values.map(literal).join(', ')})`,
  );
  await client.query('ROLLBACK');
  const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
  const nodes = (node: Plan): Plan[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
  const used = nodes(plan).flatMap((node) =>
    node['Index Name']?.startsWith('jobs_')
      ? [node['Index Name']]
      : node['Node Type'] === 'Seq Scan'
        ? [`all of ${node['Relation Name']}`]
        : [],
  );
  return { indexes: [...new Set(used)].sort(), pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
}

function literal(value: unknown): string {
  return Array.isArray(value)
    ? pg.escapeLiteral(`{${value.map((each) => JSON.stringify(each)).join(',')}}`)
    : value === null
      ? 'NULL'
      : pg.escapeLiteral(`${value as string}`);
}

describe.each(['planned on empty tables', 'planned on full ones'])('%s', (when) => {
  beforeAll(async () => {
    if (when === 'planned on full ones') {
      await client.query('ANALYZE');
      return;
    }
    await makeTenant(client);
    await client.query(`INSERT INTO organizations (id, name, max_running_jobs) VALUES ($1, 'org', 5)`, [
      organizationId,
    ]);
    for (const [n, [, ask]] of ASKED.entries()) await lookAt(n, await ask());
    await fill({ state: 'succeeded', count: CROWD });
    await fill({ state: 'queued', lane: 'crowd', count: CROWD });
    await fill({ state: 'waiting', reason: 'concurrency_group', group: 'crowd', count: CROWD });
    await fill({ state: 'waiting', reason: 'quota', count: CROWD });
    await fill({ state: 'waiting', reason: 'fan_out_turn', count: CROWD });
    await fill({ state: 'queued' });
    await fill({ state: 'running', group: 'few', supersede: 'all' });
    await fill({ state: 'waiting', reason: 'fan_out', group: 'few' });
    await fill({ state: 'waiting', reason: 'concurrency_group', group: 'few', supersede: 'waiting' });
  });

  test.each(ASKED.map(([what, ask, indexes, pages], n) => ({ what, n, ask, indexes, pages })))(
    '$what: found by its own indexes',
    async ({ n, ask, indexes, pages }) => {
      const seen = await lookAt(n, await ask());
      expect(seen.indexes).toEqual([...indexes].sort());
      if (pages === 'few') expect(seen.pages).toBeLessThan(FEW_PAGES);
    },
  );
});
