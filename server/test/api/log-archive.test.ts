import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobId, OrganizationId, Problem, WireLogLine } from '@dibs/shared';
import { firstIdAt } from '../../src/domain/logs/id-time.js';
import { EventBus } from '../../src/events/event-bus.js';
import { LogLimit } from '../../src/logs/log-limit.js';
import { uuidv7 } from '../../src/platform/uuid.js';
import { RetentionRunner } from '../../src/retention/retention-runner.js';
import { claimBySql, connect, endBySql, eventually, makeTenant } from '../support/job-fixtures.js';
import { logTools, type LogTools } from '../support/log-tools.js';
import { S3_CREDENTIALS, startS3Server, type S3Server } from '../support/s3-server.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const DAY_MS = 86_400_000;
const LONG_MS = 60_000;
const KEEP_ALL = { logDays: null, logMib: null, archiveDays: null, jobDays: null };

let server: TestServer;
let client: pg.Client;
let tools: LogTools;
let organizationId: OrganizationId;
let token: string;

/** What a test does to a store behind the server's back. Names are those of the database. */
interface Tampering {
  readonly names: () => Promise<string[]>;
  readonly change: (name: string, change: (bytes: Buffer) => Buffer | null) => Promise<void>;
  readonly setDown: (isDown: boolean) => Promise<void>;
}

async function useServer(environment: Readonly<Record<string, string>>): Promise<void> {
  // so that a log of some megabytes is cut in its middle and is more than one block
  server = await startTestServer({ DIBS_LOG_LIMIT_MIB: '4', ...environment });
  client = await connect(server.databaseUrl);
  tools = logTools(server);
}

async function stopServer(): Promise<void> {
  await client.end();
  await server.stop();
}

beforeEach(async () => {
  ({ organizationId, token } = await makeTenant(client));
});
afterEach(async () => {
  // what a test left in the queue is no business of the next one
  await client.query('DELETE FROM log_archive_queue');
});

/** A job whose log is stored, chunk by chunk, and that ended. Nobody was told of that. */
async function makeJob(chunks: readonly (readonly WireLogLine[])[] = [[line('hello')]], agoMs = 0): Promise<JobId> {
  const id = (firstIdAt(Date.now() - agoMs).slice(0, 13) + uuidv7().slice(13)) as JobId;
  await client.query(
    `INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
     VALUES ($1, $2, 'job', '{"steps":[{"run":"true"}],"executor":{"type":"shell"}}', 'fail', 3, 'ci', clock_timestamp())`,
    [id, organizationId],
  );
  await client.query(
    `INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at)
     VALUES ($1, $2, 'queued', 'lane', 0, 0, 2, 'infinity')`,
    [id, organizationId],
  );
  const held = await claimBySql(client, id);
  let firstSeq = 1;
  for (const lines of chunks) {
    await tools.print(held, firstSeq, [...lines]);
    firstSeq += lines.length;
  }
  // a log that is too long is cut beside the flow
  await server.app.get(LogLimit, { strict: false }).settled(id);
  await endBySql(client, held, 'succeeded');
  return id;
}

function line(text: string, step = 0): WireLogLine {
  return [1_763_600_000_000, step, 'o', text];
}

/** As the server hears of it. */
const end = (id: JobId): void =>
  server.app
    .get(EventBus, { strict: false })
    .publish('job.ended', { organizationId, jobId: id, state: 'succeeded', reason: null } as never);

async function archivesOf(ids: readonly JobId[]): Promise<{ job_id: JobId; name: string; removed: boolean }[]> {
  const { rows } = await client.query<{ job_id: JobId; name: string; removed: boolean }>(
    `SELECT job_id, object_name AS name, removed_on IS NOT NULL AS removed FROM log_archives WHERE job_id = ANY($1)`,
    [ids],
  );
  return rows;
}

/** @returns the name of the object */
async function archived(id: JobId): Promise<string> {
  end(id);
  const [copy] = await eventually(
    () => archivesOf([id]),
    (rows) => rows.length > 0,
    LONG_MS,
  );
  return copy!.name;
}

async function chunksLeft(id: JobId): Promise<number> {
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::int FROM log_chunks WHERE job_id = $1', [
    id,
  ]);
  return rows[0]!.count;
}

async function setRetention(rule: object): Promise<void> {
  const { status } = await server.request('PUT', '/api/v1/organization/retention', { ...KEEP_ALL, ...rule }, { token });
  expect(status).toBe(200);
}

/** Two months later: every log is old enough, every job was swept. */
async function runRetention(): Promise<void> {
  await client.query(`UPDATE log_archive_progress SET swept_to = '${'f'.repeat(8)}-ffff-ffff-ffff-ffffffffffff'`);
  await server.app.get(RetentionRunner, { strict: false }).run(Date.now() + 60 * DAY_MS);
}

const ask = (id: JobId, query: string, as = token): Promise<{ status: number; body: unknown }> =>
  server.request('GET', `/api/v1/jobs/${id}/logs${query}`, undefined, { token: as });

const QUERIES = [
  '?format=text',
  '?format=ndjson&step=1',
  '?download=true&format=text',
  '?follow=true&tail=3',
  '?format=json&tail=7',
  '?format=json&step=0&tail=2',
  '?format=json&step=1&limit=2',
  '?format=json&before=40&limit=5',
  '?format=json&after=38&limit=12',
  '?format=json&after=1000',
  '/search?q=needle&context=2',
  '/search?q=needle&step=1&limit=1&offset=1',
  '/receipt?check=true',
];

async function answers(id: JobId): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (const query of QUERIES) {
    const { status, body } = await ask(id, query);
    all[query] = { status, body: JSON.stringify(body).replace(/"checkedAt":"[^"]+"/, '') };
  }
  return all;
}

/** Six megabytes in two steps, of which four stay. */
function longLog(): WireLogLine[][] {
  return Array.from({ length: 12 }, (_, chunk) =>
    Array.from({ length: 9 }, (_, index) =>
      line(`${index === 3 ? 'needle ' : ''}${chunk}.${index} \u001b[31m"ü\0 ${'x'.repeat(60_000)}`, chunk < 9 ? 0 : 1),
    ),
  );
}

describe.each(['folder', 'S3 store'] as const)('an archive in a %s', (kind) => {
  let folder: string;
  let s3: S3Server;
  let store: Tampering;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dibs-archive-test-'));
    s3 = await startS3Server();
    if (kind === 'folder') {
      await useServer({ DIBS_LOG_ARCHIVE: pathToFileURL(folder).href });
      store = {
        names: async () =>
          (await readdir(folder, { recursive: true })).map(String).filter((name) => name.endsWith('.gz')),
        change: async (name, change) => {
          const changed = change(await readFile(join(folder, name)));
          await (changed === null ? rm(join(folder, name)) : writeFile(join(folder, name), changed));
        },
        setDown: (isDown) => (isDown ? rename(folder, `${folder}-down`) : rename(`${folder}-down`, folder)),
      };
      return;
    }
    await useServer({
      DIBS_LOG_ARCHIVE: 's3://logs/dibs',
      DIBS_LOG_ARCHIVE_S3_ENDPOINT: s3.endpoint,
      DIBS_LOG_ARCHIVE_S3_REGION: S3_CREDENTIALS.region,
      DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
      DIBS_LOG_ARCHIVE_S3_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
    });
    const pathOf = (name: string): string => `/logs/dibs/${name}`;
    store = {
      names: () => Promise.resolve([...s3.objects.keys()].map((path) => path.slice(pathOf('').length))),
      change: (name, change) => {
        const changed = change(s3.objects.get(pathOf(name))!);
        if (changed === null) s3.objects.delete(pathOf(name));
        else s3.objects.set(pathOf(name), changed);
        return Promise.resolve();
      },
      setDown: (isDown) => Promise.resolve(void (s3.answer = isDown ? 'cut' : null)),
    };
  });
  afterAll(async () => {
    await stopServer();
    await s3.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('answers every question as the database did', async () => {
    const id = await makeJob(longLog());
    const before = await answers(id);
    expect(JSON.stringify(before)).toContain('were left out');
    expect(await archived(id)).toMatch(
      new RegExp(`^${organizationId}/\\d{4}-\\d\\d-\\d\\d/${id}-1-[0-9a-f]{12}\\.gz$`),
    );
    expect(await chunksLeft(id)).toBeGreaterThan(0);
    await setRetention({ logDays: 14 });
    await runRetention();
    expect(await chunksLeft(id)).toBe(0);
    expect(await answers(id)).toEqual(before);
    const other = await makeTenant(client);
    expect((await ask(id, '', other.token)).status).toBe(404);
  });

  test('that is away or was changed is told, and keeps nobody from anything else', async () => {
    const [id, other] = [await makeJob(), await makeJob()];
    const [name, nameOfOther] = [await archived(id), await archived(other)];
    await setRetention({ logDays: 14 });
    await runRetention();
    expect(await ask(id, '')).toMatchObject({ status: 200, body: 'hello\n' });
    const flipped = (at: number) => (bytes: Buffer) => {
      const changed = Buffer.from(bytes);
      changed[at < 0 ? bytes.length + at : at]! ^= 1;
      return changed;
    };
    const [unavailable, damaged] = ['unavailable', 'damaged'].map((what) => ({ code: `log_archive_${what}` }));
    for (const query of ['', '?format=json', '/search?q=hello', '/receipt?check=true']) {
      await store.setDown(true);
      expect(await ask(id, query)).toMatchObject({ status: 503, body: unavailable });
      await store.setDown(false);
      const original: Buffer[] = [];
      await store.change(name, (bytes) => {
        original.push(Buffer.from(bytes));
        return flipped(20)(bytes);
      });
      expect(await ask(id, query)).toMatchObject({ status: 502, body: damaged });
      await store.change(name, () => original[0]!.subarray(0, 30));
      expect(await ask(id, query)).toMatchObject({ status: 502, body: damaged });
      await store.change(name, () => original[0]!);
    }
    expect(await ask(id, '')).toMatchObject({ status: 200, body: 'hello\n' });
    // its index, which nobody has read yet
    await store.change(nameOfOther, flipped(-12));
    expect(await ask(other, '')).toMatchObject({ status: 502, body: damaged });
    await store.change(name, () => null);
    const missing = await ask(id, '');
    expect(missing).toMatchObject({ status: 502, body: damaged });
    expect((missing.body as Problem).detail).toContain(name);
  });

  test('that fails leaves logs where they are until it works again', async () => {
    await store.setDown(true);
    const id = await makeJob();
    end(id);
    const failures = async (): Promise<number> => {
      const { rows } = await client.query<{ failures: number }>(
        'SELECT failures FROM log_archive_queue WHERE job_id = $1',
        [id],
      );
      return rows[0]?.failures ?? 0;
    };
    await eventually(failures, (count) => count > 0, LONG_MS);
    await setRetention({ logDays: 14 });
    await runRetention();
    expect(await ask(id, '')).toMatchObject({ status: 200, body: 'hello\n' });
    const metrics = await eventually(
      async () => (await server.request<string>('GET', '/metrics')).body,
      (text) => /dibs_log_archive_waiting\{state="failed"\} 1/.test(text),
      LONG_MS,
    );
    expect(metrics).toMatch(/dibs_log_archive_jobs_total\{outcome="failed"\} [1-9]/);
    await store.setDown(false);
    // the server's own pause ends within 45 s
    await client.query('UPDATE log_archive_queue SET due_at = clock_timestamp() WHERE job_id = $1', [id]);
    await archived(id);
    await runRetention();
    expect(await chunksLeft(id)).toBe(0);
    expect(await ask(id, '')).toMatchObject({ status: 200, body: 'hello\n' });
  });

  test('lets go what is too old, and what belongs to removed jobs', async () => {
    const id = await makeJob();
    const name = await archived(id);
    await setRetention({ logDays: 14, archiveDays: 30 });
    await runRetention();
    const today = new Date().toISOString().slice(0, 10);
    const { status, body } = await ask(id, '');
    expect({ status, body }).toMatchObject({ status: 410, body: { code: 'log_removed' } });
    expect((body as Problem).detail).toContain(today);
    await eventually(store.names, (names) => !names.includes(name), LONG_MS);

    const gone = await makeJob();
    const nameOfGone = await archived(gone);
    expect(await store.names()).toContain(nameOfGone);
    await setRetention({ jobDays: 30 });
    await runRetention();
    expect((await ask(gone, '')).status).toBe(404);
    await eventually(store.names, (names) => !names.includes(nameOfGone), LONG_MS);
    expect(await archivesOf([id, gone])).toEqual([]);
  });
});

describe('the queue', () => {
  let folder: string;
  const names = async (): Promise<string[]> =>
    (await readdir(folder, { recursive: true })).map(String).filter((name) => name.endsWith('.gz'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dibs-archive-test-'));
    await useServer({ DIBS_LOG_ARCHIVE: pathToFileURL(folder).href });
  });
  afterAll(async () => {
    await stopServer();
    await rm(folder, { recursive: true });
  });

  test('jobs that nobody told of are found, and two servers copy each of them once', async () => {
    const ids: JobId[] = [];
    for (let count = 0; count < 30; count += 1) ids.push(await makeJob(undefined, 2 * 3_600_000));
    const empty = await makeJob([], 2 * 3_600_000);
    const peer = await server.startPeer();
    await client.query(`UPDATE log_archive_progress SET swept_to = '${'0'.repeat(8)}-0000-0000-0000-000000000000'`);
    const copies = await eventually(
      () => archivesOf(ids),
      (rows) => rows.length === ids.length,
      LONG_MS,
    );
    await eventually(
      async () => (await client.query('SELECT FROM log_archive_queue')).rowCount,
      (count) => count === 0,
      LONG_MS,
    );
    await peer.stop();
    expect((await names()).sort()).toEqual(copies.map(({ name }) => name).sort());
    expect(await archivesOf([empty])).toEqual([]);
  });

  test('a server that was killed in the middle leaves neither a log behind nor an object', async () => {
    const id = await makeJob();
    // it had claimed the job, noted the object, and written it
    const orphan = `${organizationId}/2026-11-21/${id}-1-c0ffeec0ffee.gz`;
    await client.query(`INSERT INTO log_archive_removals (object_name, due_at) VALUES ($1, 'infinity')`, [orphan]);
    const other = await makeJob();
    await archived(other);
    const [example] = await archivesOf([other]);
    await mkdir(join(folder, dirname(orphan)), { recursive: true });
    await writeFile(join(folder, orphan), await readFile(join(folder, example!.name)));
    await client.query(
      `INSERT INTO log_archive_queue (job_id, organization_id, due_at, claim)
       VALUES ($1, $2, clock_timestamp(), gen_random_uuid())`,
      [id, organizationId],
    );
    const [copy] = await eventually(
      () => archivesOf([id]),
      (rows) => rows.length > 0,
      LONG_MS,
    );
    expect(copy!.name).not.toBe(orphan);
    // its time comes a day later
    await client.query('UPDATE log_archive_removals SET due_at = clock_timestamp() WHERE object_name = $1', [orphan]);
    await eventually(names, (all) => !all.includes(orphan), LONG_MS);
    expect(await names()).toEqual(expect.arrayContaining([copy!.name, example!.name]));
  });

  test('a job that goes on is looked at again later', async () => {
    const id = await makeJob();
    await client.query(`UPDATE jobs SET state = 'running', finished_at = NULL WHERE id = $1`, [id]);
    await client.query(
      `INSERT INTO log_archive_queue (job_id, organization_id, due_at) VALUES ($1, $2, clock_timestamp())`,
      [id, organizationId],
    );
    const dueInSeconds = async (): Promise<number> => {
      const { rows } = await client.query<{ seconds: number }>(
        `SELECT extract(epoch FROM due_at - clock_timestamp())::float AS seconds FROM log_archive_queue
         WHERE job_id = $1 AND claim IS NULL`,
        [id],
      );
      return rows[0]?.seconds ?? 0;
    };
    await eventually(dueInSeconds, (seconds) => seconds > 200, LONG_MS);
    expect(await archivesOf([id])).toEqual([]);
    await client.query(`UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp() WHERE id = $1`, [id]);
    await archived(id);
  });
});
