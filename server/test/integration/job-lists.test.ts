import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { JOB_STATES, type JobId, type JobReason, type JobState, type OrganizationId } from '@dibs/shared';
import { jobListQuery } from '../../src/jobs/job-list-query.js';
import { insertHierarchy } from '../support/hierarchy-fixtures.js';
import { connect, makeTenant } from '../support/job-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Enough that a plan which looks at all of them cannot hide. */
const CROWD = 60_000;
const LIMIT = 20;
/** Pages for a page of the list: a few for each row of it, however many others there are. */
const MAX_PAGES = 600;

let database: TestDatabase;
let client: pg.Client;
let organizationId: OrganizationId;

beforeAll(async () => {
  database = await createTestDatabase();
  client = await connect(database.url);
  ({ organizationId } = await makeTenant(client));
  // the few are older than the crowds: the worst case for a list of the newest
  for (const state of JOB_STATES) await fill(state, 5);
  for (const reason of ['fan_out', 'fan_out_turn'] as const) await fill('waiting', 5, reason);
  await fill('succeeded', CROWD);
  await fill('failed', CROWD);
  await fill('queued', CROWD);
  await client.query('ANALYZE');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

let filled = 0;

async function fill(state: JobState, count: number, reason: JobReason | null = null): Promise<void> {
  const isHeld = state === 'claimed' || state === 'running';
  await client.query(
    `WITH made AS (
       INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
       SELECT lpad(to_hex($3 + n), 32, '0')::uuid, $1, 'job', '{"steps":[]}', 'fail', 1, 'test', clock_timestamp()
       FROM generate_series(1, $4::integer) AS n
       RETURNING id
     )
     INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at, reason, attempt, claim_token,
       runner_id, runner_name, instance_id, instance_name, lease_expires_at, claimed_at)
     SELECT made.id, $1, $2, 'lane', 0, 0, 0, clock_timestamp() + interval '1 hour', $6, $5::integer, held.token, held.id,
       held.runner, held.id, held.instance, held.lease, clock_timestamp()
     FROM made LEFT JOIN (
       SELECT 'token' AS token, $1::uuid AS id, 'pool' AS runner, 'pool-0' AS instance,
         clock_timestamp() + interval '1 hour' AS lease
     ) AS held ON $5 = 1`,
    [organizationId, state, filled, count, isHeld ? 1 : 0, reason],
  );
  filled += count;
}

const NO_FILTER = { states: [], runner: null, text: null, module: null, parentId: null, before: null, after: null };

interface Plan {
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
}

async function pagesRead({ statement, values }: ReturnType<typeof jobListQuery>): Promise<number> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement.text}`,
    values,
  );
  const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

describe('a list of jobs', () => {
  const none = { ...NO_FILTER, limit: LIMIT };

  test('of another organization, or of the children of a fan-out, costs what there is of them', async () => {
    const { organizationId: other } = await makeTenant(client);
    expect(await pagesRead(jobListQuery({ ...none, organizationId: other }))).toBeLessThan(MAX_PAGES);
    const parentId = randomUUID() as JobId;
    expect(await pagesRead(jobListQuery({ ...none, organizationId, parentId }))).toBeLessThan(MAX_PAGES);
  });

  test.each(JOB_STATES.map((state) => [state]))('of state %s costs its page, not the table', async (state) => {
    const { statement, values } = jobListQuery({ ...none, organizationId, states: [state] });
    expect(await pagesRead({ statement, values })).toBeLessThan(MAX_PAGES);
    const found = await client.query<{ state: JobState }>(statement.text, values);
    const few = state === 'waiting' ? 15 : 5;
    expect(found.rows).toHaveLength(['succeeded', 'failed', 'queued'].includes(state) ? LIMIT : few);
    expect(new Set(found.rows.map((row) => row.state))).toEqual(new Set([state]));
  });

  test('of a module, by id or path, costs what there is of it', async () => {
    const { moduleId } = await insertHierarchy(client, organizationId, 'prod');
    const few = 4;
    await client.query(
      `UPDATE job_submissions SET module_id = $2 WHERE organization_id = $1 AND id IN (
         SELECT id FROM job_submissions WHERE organization_id = $1 ORDER BY id LIMIT $3)`,
      [organizationId, moduleId, few],
    );
    for (const module of [moduleId, 'prod/network/vpc']) {
      const query = jobListQuery({ ...none, organizationId, module });
      expect(await pagesRead(query)).toBeLessThan(MAX_PAGES);
      expect((await client.query(query.statement.text, query.values)).rows).toHaveLength(few);
    }
    const elsewhere = jobListQuery({ ...none, organizationId, module: 'prod/network/nothing' });
    expect((await client.query(elsewhere.statement.text, elsewhere.values)).rows).toEqual([]);
  });

  test('of a range of ids, with a state or without, reads that range', async () => {
    const idOf = (n: number) =>
      n
        .toString(16)
        .padStart(32, '0')
        .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as JobId;
    const range = { after: idOf(1_000), before: idOf(1_004) };
    for (const states of [[], ['succeeded']] as JobState[][]) {
      const query = jobListQuery({ ...none, ...range, organizationId, states });
      expect(await pagesRead(query)).toBeLessThan(MAX_PAGES);
      const { rows } = await client.query<{ id: string }>(query.statement.text, query.values);
      expect(rows.map(({ id }) => id)).toEqual([idOf(1_003), idOf(1_002), idOf(1_001)]);
    }
  });

  test('of those that wait goes on from page to page, whatever they wait for', async () => {
    const page = async (before: JobId | null): Promise<JobId[]> => {
      const { statement, values } = jobListQuery({ ...none, organizationId, states: ['waiting'], before, limit: 4 });
      return (await client.query<{ id: JobId }>(statement.text, values)).rows.map(({ id }) => id);
    };
    const seen: JobId[] = [];
    for (let found = await page(null); found.length > 0; found = await page(found.at(-1)!)) seen.push(...found);
    expect(seen).toHaveLength(15);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  test('of several states has the newest of all of them', async () => {
    const states: JobState[] = ['claimed', 'running', 'waiting', 'succeeded'];
    const { statement, values } = jobListQuery({ ...NO_FILTER, organizationId, states, limit: CROWD });
    const { rows } = await client.query<{ id: string; state: JobState }>(statement.text, values);
    expect(rows.map(({ id }) => id)).toEqual(
      rows
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    expect(rows).toHaveLength(CROWD);
  });
});
