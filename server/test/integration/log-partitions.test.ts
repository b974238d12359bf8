import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { InstanceId, JobId, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../../src/database/database.js';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { firstIdAt } from '../../src/domain/logs/id-time.js';
import { LogChunkRepository, type MeasuredChunk } from '../../src/logs/log-chunk.repository.js';
import { LogCutRepository } from '../../src/logs/log-cut.repository.js';
import { LogReadRepository } from '../../src/logs/log-read.repository.js';
import { LogPartitionRepository } from '../../src/logs/partitions/log-partition.repository.js';
import { uuidv7 } from '../../src/platform/uuid.js';
import { claimBySql, connect, makeTenant, numberedLines } from '../support/job-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

let testDatabase: TestDatabase;
let dataSource: DataSource;
let client: pg.Client;
let organizationId: OrganizationId;
let partitions: LogPartitionRepository;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataSource = await new DataSource(dataSourceOptions(testDatabase.url, 8, () => undefined)).initialize();
  client = await connect(testDatabase.url);
  ({ organizationId } = await makeTenant(client));
  partitions = new LogPartitionRepository(new Database(dataSource));
});
afterAll(async () => {
  await client.end();
  await dataSource.destroy();
  await testDatabase.drop();
});

async function makeAll(days = 7, nowMs = Date.now()): Promise<void> {
  while (await partitions.makeNext(0, nowMs, days));
}

const idAt = (atMs: number): JobId => (firstIdAt(atMs).slice(0, 13) + uuidv7().slice(13)) as JobId;

/** Five lines of a new job that was submitted then. */
async function logOf(jobId: JobId): Promise<string> {
  await client.query(
    `INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at)
     VALUES ($1, $2, 'queued', 'lane', 0, 0, 1, clock_timestamp() + interval '1 hour')`,
    [jobId, organizationId],
  );
  const held = await claimBySql(client, jobId);
  const measured = { bytes: 40, isUniform: true, minStep: 0, maxStep: 0 };
  const chunk = { ...held, firstSeq: 1, lines: numberedLines(1, 5), measured };
  const chunks = new LogChunkRepository(new Database(dataSource));
  expect(await chunks.append([chunk])).toMatchObject([{ fenced: false, appended: true }]);
  const { rows } = await client.query<{ name: string }>(
    'SELECT tableoid::regclass::text AS name FROM log_chunks WHERE job_id = $1',
    [jobId],
  );
  return rows.map(({ name }) => name).join();
}

describe('partitions of logs', () => {
  test('are made for two weeks, whoever makes them, and follow on each other', async () => {
    await Promise.all([makeAll(), makeAll(), makeAll()]);
    await makeAll();
    const made = await partitions.list();
    expect(made[0]).toMatchObject({ name: 'log_chunks_first', fromMs: 0 });
    for (let index = 1; index < made.length; index += 1) expect(made[index]!.fromMs).toBe(made[index - 1]!.toMs);
    expect(made.at(-1)!.toMs).toBeGreaterThanOrEqual(Date.now() + 2 * WEEK_MS);
  });

  test('compress lines as fast as this PostgreSQL can', async () => {
    await makeAll();
    const { rows } = await client.query<{ methods: string[]; has_lz4: boolean }>(
      `SELECT array_agg(DISTINCT a.attcompression::text) AS methods,
         (SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression') AS has_lz4
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE a.attname = 'lines' AND c.relname LIKE 'log\\_chunks%' AND c.relkind IN ('r', 'p')`,
    );
    expect(rows[0]!.methods).toEqual([rows[0]!.has_lz4 ? 'l' : '']);
  });

  test('hold the logs of jobs by the time of their submit, and one takes the rest', async () => {
    await makeAll();
    const [first, second] = await partitions.list();
    expect(await logOf(idAt(Date.now()))).toBe('log_chunks_first');
    expect(await logOf(idAt(second!.fromMs))).toBe(second!.name);
    expect(await logOf(idAt(first!.toMs - 1))).toBe('log_chunks_first');
    expect(await logOf(randomUUID().replace(/^./, 'f') as JobId)).toBe('log_chunks_default');
  });

  test('a span of which there are logs already is left to the one for the rest', async () => {
    await makeAll();
    const last = (await partitions.list()).at(-1)!;
    expect(await logOf(idAt(last.toMs + DAY_MS))).toBe('log_chunks_default');
    const later = last.toMs + DAY_MS;
    const next = await partitions.makeNext(0, later, 7);
    expect(next).toMatchObject({ fromMs: last.toMs, isMade: false });
    expect(await partitions.makeNext(next!.toMs, later, 7)).toMatchObject({ fromMs: next!.toMs, isMade: true });
    expect((await partitions.list()).at(-1)!.fromMs).toBe(next!.toMs);
  });

  test('one that must wait for a reader gives up soon, and stops nobody', async () => {
    await makeAll();
    const later = (await partitions.list()).at(-1)!.toMs + WEEK_MS;
    await client.query('BEGIN');
    await client.query('SELECT count(*) FROM log_chunks_default');
    await expect(partitions.makeNext(0, later, 7)).rejects.toMatchObject({ code: '55P03' });
    await client.query('COMMIT');
    expect(await partitions.makeNext(0, later, 7)).toMatchObject({ isMade: true });
  });
});

/** Runs a repository's statements in one transaction, which shows what they have locked. */
async function partitionsTouched(work: (database: Database) => Promise<unknown>): Promise<string[]> {
  return new Database(dataSource).transaction(async (tx) => {
    const inside = { query: tx.query.bind(tx), transaction: (each: (t: typeof tx) => unknown) => each(tx) };
    await work(inside as unknown as Database);
    const locks: Statement = {
      name: '',
      text: `SELECT DISTINCT c.relname AS name FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
             WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relispartition`,
    };
    return (await tx.query<{ name: string }>(locks)).map(({ name }) => name);
  });
}

test('every statement about a log touches its partition only', async () => {
  await makeAll();
  const [, second] = await partitions.list();
  const jobId = idAt(second!.fromMs + DAY_MS);
  await logOf(jobId);
  const measured = { bytes: 40, isUniform: true, minStep: 0, maxStep: 0 };
  const { rows } = await client.query<{ claim_token: string; instance_id: InstanceId }>(
    'SELECT claim_token, instance_id FROM jobs WHERE id = $1',
    [jobId],
  );
  const writer = { organizationId, jobId, attempt: 1, claimToken: rows[0]!.claim_token };
  let firstSeq = 1;
  const nextChunk = (): MeasuredChunk => {
    firstSeq += 5;
    return { ...writer, instanceId: rows[0]!.instance_id, firstSeq, lines: numberedLines(firstSeq, 5), measured };
  };
  const statements: Record<string, (database: Database) => Promise<unknown>> = {
    append: (database) => new LogChunkRepository(database).append([nextChunk()]),
    page: (database) => new LogReadRepository(database).chunks(jobId, 1, 0, 100),
    'back by step': (database) => new LogReadRepository(database).chunksBack(jobId, 1, 100, 0),
    'cut at': (database) => new LogReadRepository(database).cutAt(jobId, 1, 3),
    size: (database) => new LogCutRepository(database).storedBytes(jobId, 1),
    cut: (database) => new LogCutRepository(database).cut(jobId, 1, 0, 0),
  };
  for (const [what, work] of Object.entries(statements)) {
    // twice: the second time with the plan that is kept
    for (let time = 1; time <= 2; time += 1)
      expect([what, await partitionsTouched(work)]).toEqual([what, [second!.name]]);
  }
});
