import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { InstanceId, JobId, LogReply, OrganizationId, WireLogLine } from '@dibs/shared';
import { Database } from '../../src/database/database.js';
import { dataSourceOptions } from '../../src/database/data-source.js';
import type { LogAppended } from '../../src/events/domain-events.js';
import { EventBus } from '../../src/events/event-bus.js';
import { LogChunkRepository } from '../../src/logs/log-chunk.repository.js';
import { LogCutRepository } from '../../src/logs/log-cut.repository.js';
import { LogIngestService } from '../../src/logs/log-ingest.service.js';
import { LogLimit } from '../../src/logs/log-limit.js';
import { OrganizationLogLimits } from '../../src/logs/organization-log-limits.js';
import { ReaderShare } from '../../src/logs/reader-share.js';
import { claimBySql, connect, endBySql, makeTenant, numberedLines, type TestAttempt } from '../support/job-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let testDatabase: TestDatabase;
let dataSource: DataSource;
let client: pg.Client;
let organizationId: OrganizationId;
let ingest: LogIngestService;
let otherServer: LogIngestService;
const bus = new EventBus();

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  dataSource = await new DataSource(dataSourceOptions(testDatabase.url, 8, () => undefined)).initialize();
  client = await connect(testDatabase.url);
  ({ organizationId } = await makeTenant(client));
  const chunks = new LogChunkRepository(new Database(dataSource));
  const database = new Database(dataSource);
  const limit = (): LogLimit =>
    new LogLimit(new LogCutRepository(database), new OrganizationLogLimits(database, { limitMib: 64 }));
  ingest = new LogIngestService(chunks, limit(), new ReaderShare(), bus);
  otherServer = new LogIngestService(chunks, limit(), new ReaderShare(), new EventBus());
});

afterAll(async () => {
  await client.end();
  await dataSource.destroy();
  await testDatabase.drop();
});

async function makeAttempt(): Promise<TestAttempt> {
  const jobId = randomUUID() as JobId;
  await client.query(
    `INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at)
     VALUES ($1, $2, 'queued', 'lane', 0, 0, 1, clock_timestamp() + interval '1 hour')`,
    [jobId, organizationId],
  );
  return claimBySql(client, jobId);
}

type By = { readonly organizationId: OrganizationId; readonly instanceId: InstanceId };

function send(
  held: TestAttempt,
  firstSeq: number,
  lines: WireLogLine[],
  more: Partial<TestAttempt> = {},
): Promise<LogReply> {
  const { jobId, attempt, claimToken, ...by } = { ...held, ...more };
  return ingest.append({ jobId, attempt, claimToken, firstSeq, lines }, by satisfies By);
}

async function stored({ jobId, attempt }: TestAttempt): Promise<{ texts: string[]; lastSeq: number; chunks: number }> {
  const { rows: chunks } = await client.query<{ first_seq: number; last_seq: number; lines: string }>(
    'SELECT first_seq, last_seq, lines FROM log_chunks WHERE job_id = $1 AND attempt = $2 ORDER BY first_seq',
    [jobId, attempt],
  );
  let next = 1;
  for (const chunk of chunks) {
    expect(chunk.first_seq).toBe(next);
    next = chunk.last_seq + 1;
  }
  const texts = chunks.flatMap(({ lines }) => (JSON.parse(lines) as WireLogLine[]).map(([, , , text]) => text));
  expect(texts).toHaveLength(next - 1);
  const { rows } = await client.query<{ last_seq: number }>(
    'SELECT last_seq FROM job_attempts WHERE job_id = $1 AND attempt = $2',
    [jobId, attempt],
  );
  return { texts, lastSeq: rows[0]!.last_seq, chunks: chunks.length };
}

const expected = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

/** Small and repeatable (Lehmer), so that a failure can be run again. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

describe('log ingest', () => {
  test('stores a batch before it acknowledges it, and tells once', async () => {
    const held = await makeAttempt();
    const told: LogAppended[] = [];
    const end = bus.on('log.appended', (event) => told.push(event));
    expect(await send(held, 1, numberedLines(1, 3))).toEqual({ ok: true, ackedSeq: 3 });
    expect(await stored(held)).toEqual({ texts: expected(3), lastSeq: 3, chunks: 1 });
    expect(await send(held, 1, numberedLines(1, 3))).toEqual({ ok: true, ackedSeq: 3 });
    end();
    expect(told).toEqual([{ organizationId, jobId: held.jobId, attempt: 1, upTo: 3 }]);
  });

  test('trims overlaps and refuses gaps', async () => {
    const held = await makeAttempt();
    await send(held, 1, numberedLines(1, 5));
    expect(await send(held, 4, numberedLines(4, 4))).toEqual({ ok: true, ackedSeq: 7 });
    expect(await send(held, 9, numberedLines(9, 1))).toMatchObject({
      ok: false,
      code: 'E_GAP',
      retryable: true,
      ackedSeq: 7,
    });
    expect(await send(held, 2, numberedLines(2, 2))).toEqual({ ok: true, ackedSeq: 7 });
    expect((await stored(held)).texts).toEqual(expected(7));
  });

  test('takes a window of batches that arrive in one tick', async () => {
    const held = await makeAttempt();
    const window = [1, 11, 21, 31].map((firstSeq) => send(held, firstSeq, numberedLines(firstSeq, 10)));
    for (const reply of await Promise.all(window)) expect(reply.ok).toBe(true);
    expect(await stored(held)).toMatchObject({ texts: expected(40), lastSeq: 40 });
  });

  test('writes nothing for whoever does not hold the attempt', async () => {
    const held = await makeAttempt();
    const foreign = await makeTenant(client);
    const tries: Partial<TestAttempt>[] = [
      { claimToken: 'guessed' },
      { attempt: 2 },
      { instanceId: randomUUID() as InstanceId },
      { organizationId: foreign.organizationId },
      { jobId: randomUUID() as JobId },
    ];
    for (const more of tries) {
      expect(await send(held, 1, numberedLines(1, 1), more)).toMatchObject({
        ok: false,
        code: 'E_FENCED',
        retryable: false,
      });
    }
    expect((await stored(held)).lastSeq).toBe(0);
  });

  test('writes nothing of an attempt that has ended, not even beside its successor', async () => {
    const first = await makeAttempt();
    await send(first, 1, numberedLines(1, 2));
    await endBySql(client, first, 'queued');
    const second = await claimBySql(client, first.jobId);
    const replies = await Promise.all([
      send(first, 3, numberedLines(3, 1)),
      send(second, 1, numberedLines(1, 4)),
      send(first, 1, numberedLines(1, 2)),
      send(second, 1, numberedLines(1, 4), { claimToken: first.claimToken }),
    ]);
    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.code))).toEqual(['E_FENCED', 'ok', 'E_FENCED', 'E_FENCED']);
    expect((await stored(first)).texts).toEqual(expected(2));
    expect((await stored(second)).texts).toEqual(expected(4));
  });

  test('keeps every character of a line', async () => {
    const held = await makeAttempt();
    const texts = [
      'a\0b',
      '\ud800 half',
      'ok 😀 \u202e',
      '\u001b[31mred\u001b[0m',
      '"\\',
      '',
      'ü'.repeat(30_000),
      '{1,NULL}',
    ];
    await send(
      held,
      1,
      texts.map((text): WireLogLine => [1, -1, 'e', text]),
    );
    expect((await stored(held)).texts).toEqual(texts);
  });

  test('answers a batch that is none without asking the database', async () => {
    const held = await makeAttempt();
    expect(await send(held, 0, numberedLines(1, 1))).toMatchObject({
      ok: false,
      code: 'E_VALIDATION',
      retryable: false,
    });
    expect(await send(held, 1, [])).toMatchObject({ ok: false, code: 'E_VALIDATION' });
  });

  test('shares statements between jobs', async () => {
    const attempts: TestAttempt[] = [];
    while (attempts.length < 40) attempts.push(await makeAttempt());
    const replies = await Promise.all(
      attempts.flatMap((held) => [1, 6, 11].map((firstSeq) => send(held, firstSeq, numberedLines(firstSeq, 5)))),
    );
    expect(replies.every((reply) => reply.ok)).toBe(true);
    for (const held of attempts) expect((await stored(held)).texts).toEqual(expected(15));
  });

  test.each([1, 2, 3])('stores 10,000 lines exactly once, however they are resent (seed %i)', async (seed) => {
    const random = randomNumbers(seed * 7919);
    const held = await makeAttempt();
    const { jobId, attempt, claimToken, ...by } = held;
    let acked = 0;
    while (acked < 10_000) {
      // a runner after a reconnect goes back to some line it thinks is not acknowledged, and fills its window from there
      let firstSeq = Math.max(1, acked + 1 - random(200));
      const window: Promise<LogReply>[] = [];
      for (let sent = 0; sent < 1 + random(4) && firstSeq <= 10_000; sent += 1) {
        const count = Math.min(1 + random(300), 10_000 - firstSeq + 1);
        const batch = { jobId, attempt, claimToken, firstSeq, lines: numberedLines(firstSeq, count) };
        window.push(ingest.append(batch, by));
        // the old connection's frames may still arrive, at another server even
        if (random(3) === 0) window.push(otherServer.append(batch, by));
        firstSeq += count - random(Math.min(count, 20));
      }
      for (const reply of await Promise.all(window)) {
        expect(reply.ok || reply.code === 'E_GAP').toBe(true);
        // a lost acknowledgement is as if it had not been sent
        if (random(5) > 0) acked = Math.max(acked, reply.ackedSeq ?? 0);
      }
    }
    const { texts, lastSeq } = await stored(held);
    expect(lastSeq).toBe(10_000);
    expect(texts).toEqual(expected(10_000));
  });
});
