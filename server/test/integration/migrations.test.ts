import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrationOptions } from '../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** The last migration before jobs and attempts became one row. */
const BEFORE = 'LogSteps';

let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

/** Runs those migrations that have not run yet. @param last name of the last one; absent: all */
async function migrate(last?: string): Promise<void> {
  const options = migrationOptions(database.url);
  const all = options.migrations as (new () => object)[];
  const end = last === undefined ? all.length : all.findIndex(({ name }) => name.startsWith(last)) + 1;
  const source = await new DataSource({ ...options, migrations: all.slice(0, end) }).initialize();
  await source.runMigrations({ transaction: 'each' });
  await source.destroy();
}

test('jobs of an older release are carried over with all their attempts', async () => {
  await migrate(BEFORE);
  const organization = randomUUID();
  await client.query('INSERT INTO organizations (id, name) VALUES ($1, $2)', [organization, 'org']);
  const [queued, retried, child] = [randomUUID(), randomUUID(), randomUUID()];
  const spec = { steps: [{ run: 'a' }, { run: 'b' }], executor: { type: 'shell' }, retry: {}, source: { type: 'git' } };
  const insert = `INSERT INTO jobs (id, organization_id, name, state, spec, secrets, secret_names, lane, rank, priority,
      on_lost, max_attempts, attempt, submitted_by, queue_expires_at, idempotency_key, parent_id, concurrency_key,
      concurrency_limit)
    VALUES ($1, $2, 'deploy', $3, $4, '\\x01', '{TOKEN}', 'lane', 7, 1, 'wait', 3, $5, 'ci', 'infinity', $6, $7, 'group', 2)`;
  await client.query(insert, [queued, organization, 'queued', spec, 0, 'key', null]);
  await client.query(insert, [retried, organization, 'running', spec, 2, null, null]);
  await client.query(insert, [child, organization, 'waiting', { steps: [] }, 0, null, queued]);
  await client.query(
    `INSERT INTO job_attempts (job_id, attempt, organization_id, claim_id, claim_token, runner_id, runner_name,
       instance_id, instance_name, lease_expires_at, claimed_at, ended_at, outcome, reason, last_seq, offers)
     SELECT $1, n, $2, gen_random_uuid(), 'token-' || n, $2, 'pool', $2, 'pool-' || n, 'infinity', clock_timestamp(),
       CASE n WHEN 1 THEN clock_timestamp() END, CASE n WHEN 1 THEN 'lost' END, CASE n WHEN 1 THEN 'lease_expired' END,
       n * 10, n
     FROM generate_series(1, 2) n`,
    [retried, organization],
  );
  await client.query(`INSERT INTO job_events (organization_id, job_id, type) VALUES ($1, $2, 'requeued')`, [
    organization,
    retried,
  ]);
  const attempts = async (): Promise<unknown> =>
    (await client.query('SELECT to_jsonb(a) AS row FROM job_attempts a ORDER BY attempt')).rows;
  const before = await attempts();

  await migrate();
  expect(await attempts()).toEqual(before);
  const { rows } = await client.query(
    `SELECT j.*, s.* FROM jobs j JOIN job_submissions s USING (organization_id, id) ORDER BY j.attempt, j.parent_id`,
  );
  const kept = {
    name: 'deploy',
    lane: 'lane',
    rank: 7,
    on_lost: 'wait',
    secret_names: ['TOKEN'],
    submitted_by: 'ci',
  };
  expect(rows).toEqual([
    expect.objectContaining({
      ...kept,
      id: child,
      parent_id: queued,
      state: 'waiting',
      step_count: 0,
      has_source: false,
    }),
    expect.objectContaining({ ...kept, id: queued, state: 'queued', queued: true, idempotency_key: 'key', attempt: 0 }),
    expect.objectContaining({
      ...kept,
      ...{
        id: retried,
        state: 'running',
        held: true,
        spec,
        step_count: 2,
        retries: true,
        has_source: true,
        noop: false,
      },
      ...{ attempt: 2, claim_token: 'token-2', instance_name: 'pool-2', last_seq: 20, ended_at: null, offers: 2 },
      ...{ open_group: 'group', concurrency_limit: 2 },
    }),
  ]);
});

test('logs of an older release are found in partitions, each in the one of its time', async () => {
  await migrate('Activity');
  const [recent, odd] = ['01a1fe15-c12f-7abc-8def-0123456789ab', 'f1a1fe15-c12f-4abc-8def-0123456789ab'];
  const insert = `INSERT INTO log_chunks (job_id, attempt, first_seq, last_seq, organization_id, lines, is_cut)
    SELECT $1, 1, n, n, $1, 'line ' || n, n = 2 FROM generate_series(1, 3) n`;
  for (const id of [recent, odd]) await client.query(insert, [id]);
  const rows = async (): Promise<unknown> =>
    (await client.query('SELECT to_jsonb(c) AS row FROM log_chunks c ORDER BY job_id, first_seq')).rows;
  const before = await rows();

  await migrate();
  expect(await rows()).toEqual(before);
  const { rows: places } = await client.query(
    'SELECT DISTINCT tableoid::regclass::text AS name, job_id FROM log_chunks ORDER BY job_id',
  );
  expect(places).toEqual([
    { name: 'log_chunks_first', job_id: recent },
    { name: 'log_chunks_default', job_id: odd },
  ]);
  await expect(client.query(insert, [recent])).rejects.toMatchObject({ code: '23505' });
});
