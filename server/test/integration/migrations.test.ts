import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { JOB_STATES } from '@dibs/shared';
import { migrationOptions } from '../../src/database/data-source.js';
import { insertHierarchy } from '../support/hierarchy-fixtures.js';
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
    expect.objectContaining({
      ...kept,
      id: queued,
      state: 'queued',
      stage: 'queued',
      idempotency_key: 'key',
      attempt: 0,
    }),
    expect.objectContaining({
      ...kept,
      ...{
        id: retried,
        state: 'running',
        stage: 'held',
        spec,
        step_count: 2,
        retries: true,
        has_source: true,
        noop: false,
      },
      ...{ attempt: 2, claim_token: 'token-2', instance_name: 'pool-2', last_seq: 20, ended_at: null, offers: 2 },
      ...{ concurrency_key: 'group', concurrency_limit: 2 },
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

describe('before jobs had stages', () => {
  const organization = randomUUID();
  beforeEach(async () => {
    await migrate('OrganizationLogLimit');
    await client.query('INSERT INTO organizations (id, name) VALUES ($1, $2)', [organization, 'org']);
  });

  async function insertJob(state: string, reason: string | null = null): Promise<string> {
    const id = randomUUID();
    await client.query(
      `INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
       VALUES ($1, $2, 'job', '{}', 'fail', 1, 'ci', clock_timestamp())`,
      [id, organization],
    );
    await client.query(
      `INSERT INTO jobs (id, organization_id, lane, rank, priority, step_count, state, reason, queue_expires_at)
       VALUES ($1, $2, 'lane', 7, 0, 1, $3, $4, 'infinity')`,
      [id, organization, state, reason],
    );
    return id;
  }

  test('jobs in every state had what their stage says now', async () => {
    const expected = new Map<string, string>();
    const reasons = ['concurrency_group', 'quota', 'retry_backoff', 'fan_out', 'fan_out_turn'];
    for (const reason of reasons) {
      expected.set(await insertJob('waiting', reason), reason.startsWith('fan_out') ? reason : 'waiting');
    }
    for (const state of JOB_STATES.filter((each) => each !== 'waiting')) {
      expected.set(await insertJob(state), state === 'claimed' || state === 'running' ? 'held' : state);
    }
    const rows = async (): Promise<unknown> =>
      (
        await client.query(
          `SELECT id, organization_id, lane, rank, state, reason, queue_expires_at, attempt FROM jobs ORDER BY id`,
        )
      ).rows;
    const before = await rows();

    await migrate();
    expect(await rows()).toEqual(before);
    const { rows: jobs } = await client.query<{ id: string; stage: string }>('SELECT id, stage FROM jobs');
    expect(new Map(jobs.map(({ id, stage }) => [id, stage]))).toEqual(expected);
    const { rows: indexes } = await client.query<{ name: string }>(
      `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 'jobs'::regclass`,
    );
    expect(indexes.map(({ name }) => name).sort()).toEqual([
      ...['jobs_by_stage', 'jobs_children', 'jobs_claim', 'jobs_fans_out', 'jobs_held', 'jobs_open_group'],
      ...['jobs_pkey', 'jobs_queue', 'jobs_queue_expiry', 'jobs_superseding_open', 'jobs_superseding_waiting'],
      ...['jobs_waiting', 'jobs_waiting_group', 'jobs_waiting_quota', 'jobs_wake'],
    ]);
  });

  test('what refers to a job stays, and goes with what was submitted', async () => {
    const id = await insertJob('failed');
    await client.query(
      `WITH signature AS (INSERT INTO log_signatures (job_id, organization_id, attempt, first_seq, last_seq, bits)
         VALUES ($1, $2, 1, 1, 1, 'x')),
       error AS (INSERT INTO log_errors (job_id, organization_id, attempt, seq, step, line, pattern, fingerprint)
         VALUES ($1, $2, 1, 1, 0, 'x', 'x', 'x')),
       result AS (INSERT INTO engine_results (job_id, organization_id, attempt, engine) VALUES ($1, $2, 1, '{}')),
       plan AS (INSERT INTO engine_plans (job_id, organization_id, attempt, sha256, bytes, upload_id)
         VALUES ($1, $2, 1, 'x', 1, $1)),
       piece AS (INSERT INTO engine_plan_pieces (job_id, organization_id, attempt, upload_id, piece, sealed)
         VALUES ($1, $2, 1, $1, 0, 'x'))
       INSERT INTO log_receipts (job_id, attempt, counted) VALUES ($1, 1, '[]')`,
      [id, organization],
    );
    const { moduleId } = await insertHierarchy(client, organization, 'prod');
    await client.query(
      `INSERT INTO module_output_sets (organization_id, module_id, version, job_id, changed) VALUES ($1, $2, 1, $3, '{vpc}')`,
      [organization, moduleId, id],
    );
    const cascading = ['log_signatures', 'log_errors', 'engine_results', 'engine_plans', 'engine_plan_pieces'];
    const tablesWithIt = async (): Promise<string[]> => {
      const found = [];
      for (const table of [...cascading, 'log_receipts', 'module_output_sets']) {
        if ((await client.query(`SELECT FROM ${table} WHERE job_id = $1`, [id])).rowCount === 1) found.push(table);
      }
      return found;
    };

    await migrate();
    expect(await tablesWithIt()).toEqual([...cascading, 'log_receipts', 'module_output_sets']);
    await expect(
      client.query(`INSERT INTO engine_results (job_id, organization_id, attempt, engine) VALUES ($2, $1, 1, '{}')`, [
        organization,
        randomUUID(),
      ]),
    ).rejects.toMatchObject({ code: '23503' });
    await client.query('DELETE FROM jobs WHERE id = $1', [id]);
    await client.query('DELETE FROM job_submissions WHERE id = $1', [id]);
    // these two are for retention itself to see to
    expect(await tablesWithIt()).toEqual(['log_receipts', 'module_output_sets']);
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_constraint WHERE contype = 'f' AND confrelid = 'jobs'::regclass`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  test('an organization does not go away under its jobs', async () => {
    const id = await insertJob('failed');
    await migrate();
    const remove = () => client.query('DELETE FROM organizations WHERE id = $1', [organization]);
    const rename = () => client.query('UPDATE organizations SET id = gen_random_uuid() WHERE id = $1', [organization]);
    for (const change of [remove, rename]) await expect(change()).rejects.toMatchObject({ code: '23503' });
    for (const table of ['jobs', 'job_submissions']) await client.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    await client.query('UPDATE organizations SET name = $2 WHERE id = $1', [organization, 'other']);
    expect((await remove()).rowCount).toBe(1);
  });
});
