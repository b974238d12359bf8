import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobId, JobSummary, LogReceipt, OrganizationId, Problem, RetentionView, WireLogLine } from '@dibs/shared';
import { firstIdAt } from '../../src/domain/logs/id-time.js';
import { LogPartitionRepository } from '../../src/logs/partitions/log-partition.repository.js';
import { LogUsage } from '../../src/retention/log-usage.js';
import { RetentionRunner } from '../../src/retention/retention-runner.js';
import { uuidv7 } from '../../src/platform/uuid.js';
import { claimBySql, connect, endBySql, makeTenant, makeToken } from '../support/job-fixtures.js';
import { logTools, type LogTools } from '../support/log-tools.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const PATH = '/api/v1/organization/retention';
const KEEP_ALL = { logDays: null, logMib: null, archiveDays: null, jobDays: null };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let server: TestServer;
let client: pg.Client;
let tools: LogTools;
let organizationId: OrganizationId;
/** Of an organization of the test's own. */
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  tools = logTools(server);
});
beforeEach(async () => {
  ({ organizationId, token } = await makeTenant(client));
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const run = (nowMs?: number): Promise<void> => server.app.get(RetentionRunner, { strict: false }).run(nowMs);
const view = async (): Promise<RetentionView> =>
  (await server.request<RetentionView>('GET', PATH, undefined, { token })).body;
const set = async (rule: object): Promise<void> => {
  const answer = await server.request<RetentionView>('PUT', PATH, { ...KEEP_ALL, ...rule }, { token });
  expect(answer).toMatchObject({ status: 200, body: rule });
};
const log = (id: JobId, as = token): Promise<{ status: number; body: unknown }> =>
  server.request('GET', `/api/v1/jobs/${id}/logs`, undefined, { token: as });

interface JobFixture {
  readonly of?: OrganizationId;
  readonly agoMs?: number;
  readonly text?: string;
  readonly count?: number;
  readonly ended?: boolean;
  readonly parentId?: JobId;
  readonly retryOf?: JobId;
}

/** A job with everything that a job can have, submitted and ended some time ago. */
async function makeJob(fixture: JobFixture = {}): Promise<JobId> {
  const { of = organizationId, agoMs = 0, text = 'hello', count = 1, ended = true, parentId, retryOf } = fixture;
  const atMs = Date.now() - agoMs;
  const id = (firstIdAt(atMs).slice(0, 13) + uuidv7().slice(13)) as JobId;
  await client.query(
    `INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at, retry_of)
     VALUES ($1, $2, 'job', '{"steps":[{"run":"true"}],"executor":{"type":"shell"}}', 'fail', 3, 'ci', $3, $4)`,
    [id, of, new Date(atMs), retryOf],
  );
  await client.query(
    `INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at, parent_id)
     VALUES ($1, $2, 'queued', 'lane', 0, 0, 1, 'infinity', $3)`,
    [id, of, parentId],
  );
  await endBySql(client, await claimBySql(client, id), 'queued');
  const held = await claimBySql(client, id);
  const lines = Array.from({ length: count }, (): WireLogLine => [atMs, 0, 'o', text]);
  await tools.print(held, 1, lines);
  await client.query(`INSERT INTO job_events (organization_id, job_id, type) VALUES ($1, $2, 'requeued')`, [of, id]);
  await client.query(
    `INSERT INTO job_steps (job_id, attempt, step, organization_id, state) VALUES ($1, 2, 0, $2, 'succeeded')`,
    [id, of],
  );
  await client.query(
    `WITH result AS (INSERT INTO engine_results (organization_id, job_id, attempt, engine) VALUES ($1, $2, 2, '{}')),
       plan AS (INSERT INTO engine_plans (organization_id, job_id, attempt, sha256, bytes, upload_id)
         VALUES ($1, $2, 2, 'x', 1, $2)),
       receipt AS (INSERT INTO log_receipts (job_id, attempt, counted) VALUES ($2, 2, '[]'))
     INSERT INTO engine_plan_pieces (organization_id, job_id, attempt, upload_id, piece, sealed)
     VALUES ($1, $2, 2, $2, 0, 'x')`,
    [of, id],
  );
  if (!ended) return id;
  await endBySql(client, held, 'succeeded');
  await client.query('UPDATE jobs SET finished_at = $2 WHERE id = $1', [id, new Date(atMs)]);
  return id;
}

async function jobsLeft(): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM job_submissions WHERE organization_id = $1 ORDER BY id',
    [organizationId],
  );
  return rows.map(({ id }) => id);
}

/** Rows of any table that has jobs, whose job is gone. */
async function orphans(): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE a.attname = 'job_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
  );
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['log_chunks', 'job_steps', 'earlier_attempts', 'job_events', 'log_receipts', 'fan_outs'],
      ...['engine_results', 'engine_plans', 'engine_plan_pieces'],
    ]),
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query(
      `SELECT FROM ${name} c WHERE NOT EXISTS (SELECT FROM jobs j JOIN job_submissions s USING (id) WHERE j.id = c.job_id)`,
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

describe('the rule of an organization', () => {
  test('keeps everything until it is set', async () => {
    expect(await view()).toEqual({ ...KEEP_ALL, logBytes: 0, hasArchive: false, logsRemovedBefore: null });
    const old = await makeJob({ agoMs: 3650 * DAY_MS });
    await run();
    expect(await log(old)).toMatchObject({ status: 200, body: 'hello\n' });
  });

  test('is set by administrators, for their organization alone, and in the audit trail', async () => {
    const operator = await makeToken(client, organizationId, 'operator');
    const refused = await server.request('PUT', PATH, KEEP_ALL, { token: operator });
    expect(refused.status).toBe(403);
    const rule = { logDays: 30, logMib: 500, archiveDays: 365, jobDays: 90 };
    await set(rule);
    expect(await view()).toMatchObject(rule);
    expect((await server.request<RetentionView>('GET', PATH)).body).toMatchObject(KEEP_ALL);
    const { rows } = await client.query(
      `SELECT target, data FROM audit_events WHERE action = 'retention.updated' AND organization_id = $1`,
      [organizationId],
    );
    expect(rows).toEqual([{ target: organizationId, data: rule }]);
  });

  test.each([
    [{ logDays: 0 }, 'logDays'],
    [{ logMib: 1.5 }, 'logMib'],
    [{ jobDays: '30' }, 'jobDays'],
    [{ jobDays: undefined }, 'jobDays'],
  ])('refuses %j', async (part, field) => {
    const { status, body } = await server.request<Problem>('PUT', PATH, { ...KEEP_ALL, ...part }, { token });
    expect(status).toBe(400);
    expect(JSON.stringify(body.errors)).toContain(field);
  });
});

describe('a size of logs', () => {
  test('is kept by removing those of the oldest jobs, by the hour', async () => {
    const printed = { text: 'x'.repeat(60 * 1024 - 1), count: 10 };
    const bytes = 600 * 1024;
    const ids: JobId[] = [];
    for (const hours of [5, 4, 3]) ids.push(await makeJob({ agoMs: hours * HOUR_MS, ...printed }));
    await server.app.get(LogUsage, { strict: false }).flush();
    expect((await view()).logBytes).toBe(3 * bytes);
    await set({ logMib: 1 });
    await run();
    expect(await Promise.all(ids.map(async (id) => (await log(id)).status))).toEqual([410, 410, 200]);
    expect((await view()).logBytes).toBe(bytes);
    const { rows } = await client.query('SELECT DISTINCT job_id FROM log_chunks WHERE organization_id = $1', [
      organizationId,
    ]);
    expect(rows).toEqual([{ job_id: ids[2] }]);
  });
});

describe('jobs that ended long ago', () => {
  test('go with all that is theirs, and leave alone whoever refers to them', async () => {
    const long = { agoMs: 40 * DAY_MS };
    const parent = await makeJob(long);
    await makeJob({ ...long, parentId: parent });
    const parentOfYoung = await makeJob(long);
    const child = await makeJob({ parentId: parentOfYoung });
    const retried = await makeJob(long);
    const retry = await makeJob({ retryOf: retried });
    const running = await makeJob({ ...long, ended: false });
    await set({ jobDays: 30 });
    await run();
    expect(await jobsLeft()).toEqual([parentOfYoung, running, child, retry].sort());
    const { rows } = await client.query('SELECT retry_of FROM job_submissions WHERE id = $1', [retry]);
    expect(rows).toEqual([{ retry_of: null }]);
    expect(await log(running)).toMatchObject({ status: 200 });
    expect(await log(retried)).toMatchObject({ status: 404 });
    expect(await orphans()).toEqual([]);
  });

  test('free their idempotency keys', async () => {
    const submit = (): Promise<{ status: number; body: JobSummary }> =>
      server.request(
        'POST',
        '/api/v1/jobs',
        { steps: [{ run: 'true' }] },
        { token, headers: { 'idempotency-key': 'k' } },
      );
    const { body: first } = await submit();
    expect((await submit()).body.id).toBe(first.id);
    await endBySql(client, await claimBySql(client, first.id), 'succeeded');
    await client.query('UPDATE jobs SET finished_at = clock_timestamp() WHERE id = $1', [first.id]);
    await set({ jobDays: 30 });
    await run(Date.now() + 31 * DAY_MS);
    const again = await submit();
    expect(again).toMatchObject({ status: 201 });
    expect(again.body.id).not.toBe(first.id);
  });
});

describe('logs of jobs submitted long ago', () => {
  const later = (): number => Date.now() + 60 * DAY_MS;

  test('go by rows while somebody else keeps theirs, and are told from lost ones', async () => {
    const [ended, checked, running] = [await makeJob(), await makeJob(), await makeJob({ ended: false })];
    const receipt = async (id: JobId): Promise<LogReceipt> =>
      (await server.request<LogReceipt>('GET', `/api/v1/jobs/${id}/logs/receipt`, undefined, { token })).body;
    const before = await receipt(checked);
    expect(before).toMatchObject({ lines: 1, removedOn: null });
    const other = await makeTenant(client);
    const theirs = await makeJob({ of: other.organizationId });
    await set({ logDays: 14 });
    await run(later());

    const today = new Date().toISOString().slice(0, 10);
    expect(await log(ended)).toMatchObject({ status: 410, body: { code: 'log_removed' } });
    expect(((await log(ended)).body as Problem).detail).toContain(today);
    for (const query of ['follow=true', 'format=json&tail=5', 'download=true']) {
      const path = `/api/v1/jobs/${ended}/logs?${query}`;
      expect((await server.request('GET', path, undefined, { token })).status).toBe(410);
    }
    expect((await server.request('GET', `/api/v1/jobs/${ended}`, undefined, { token })).status).toBe(200);
    expect(await receipt(checked)).toMatchObject({ lines: 1, status: before.status, removedOn: today });
    expect(await receipt(ended)).toMatchObject({ lines: 0, status: 'unknown', removedOn: today });
    const { rows } = await client.query('SELECT job_id FROM log_chunks WHERE organization_id = $1', [organizationId]);
    expect(rows).toEqual([{ job_id: running }]);
    expect(await log(running)).toMatchObject({ status: 200, body: 'hello\n' });
    expect(await log(theirs, other.token)).toMatchObject({ status: 200, body: 'hello\n' });
  });

  test('are left to the server that is at it', async () => {
    const id = await makeJob();
    await set({ logDays: 14 });
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('dibs.retention', 0))`);
    await expect(run(later())).rejects.toThrow();
    await client.query('COMMIT');
    expect(await log(id)).toMatchObject({ status: 200 });
  });

  test('go with their partition once nobody wants any of it', async () => {
    const partitions = server.app.get(LogPartitionRepository, { strict: false });
    const running = await makeJob({ ended: false });
    const names = async (): Promise<string[]> => (await partitions.list()).map(({ name }) => name);
    // whatever the other tests left behind
    await client.query(`UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp() WHERE id <> $1`, [
      running,
    ]);
    await client.query(
      `INSERT INTO retention (organization_id, log_days) SELECT id, 14 FROM organizations
       ON CONFLICT (organization_id) DO UPDATE SET log_days = 14`,
    );
    await run(later());
    expect(await names()).toContain('log_chunks_first');
    expect(await log(running)).toMatchObject({ status: 200 });
    await client.query(`UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp() WHERE id = $1`, [running]);
    await run(later());
    await run(later());
    expect(await names()).toEqual([]);
    const { rows } = await client.query(
      `SELECT relname FROM pg_class WHERE relname ~ '^log_chunks_(first|[0-9]+)$' UNION ALL SELECT job_id::text FROM log_chunks`,
    );
    expect(rows).toEqual([]);
    expect(await log(running)).toMatchObject({ status: 410 });
    // what comes is stored all the same
    expect(await log(await makeJob({ agoMs: -90 * DAY_MS }))).toMatchObject({ status: 200, body: 'hello\n' });
  });
});
