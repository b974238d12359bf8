import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { LogPage, LogReceipt, LogRow, LogSearchPage, StepLogCount, WireLogLine } from '@dibs/shared';
import { EventBus } from '../../src/events/event-bus.js';
import { LogChunkRepository } from '../../src/logs/log-chunk.repository.js';
import { LogCutRepository } from '../../src/logs/log-cut.repository.js';
import { LogIngestService } from '../../src/logs/log-ingest.service.js';
import { Database } from '../../src/database/database.js';
import { LogLimit } from '../../src/logs/log-limit.js';
import { OrganizationLogLimits } from '../../src/logs/organization-log-limits.js';
import { ReaderShare } from '../../src/logs/reader-share.js';
import { claimBySql, connect, endBySql, type TestAttempt } from '../support/job-fixtures.js';
import { logTools, type LogTools } from '../support/log-tools.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const MIB = 1024 * 1024;
const LINES = 6_000;
const PER_BATCH = 200;
/** Where the second step begins, in the middle of what will be left out and of a batch. */
const SECOND_STEP = 3_050;

let server: TestServer;
let client: pg.Client;
let held: TestAttempt;
let logs: LogTools['logs'];
let rows: LogRow[];
let mark: LogRow;

const lineOf = (seq: number): WireLogLine => [seq, seq < SECOND_STEP ? 0 : 1, 'o', `line ${seq} ä ${'x'.repeat(490)}`];
const bytesOf = (line: WireLogLine): number => Buffer.byteLength(line[3]) + 1;
const between = (from: number, to: number): WireLogLine[] =>
  Array.from({ length: to - from + 1 }, (_, index) => lineOf(from + index));
const sum = (lines: readonly WireLogLine[]): number => lines.reduce((bytes, line) => bytes + bytesOf(line), 0);
const rowsIn = (ndjson: string): LogRow[] => {
  const texts = ndjson.split('\n').filter((text) => text !== '');
  return texts.map((text) => JSON.parse(text) as LogRow);
};

function countOf(step: number): StepLogCount {
  const lines = between(1, LINES).filter((line) => line[1] === step);
  const hash = createHash('sha256').update(lines.map(([, , , text]) => `${text}\n`).join(''));
  return { step, lines: lines.length, bytes: sum(lines), sha256: hash.digest('hex') };
}

beforeAll(async () => {
  server = await startTestServer({ DIBS_LOG_LIMIT_MIB: '1' });
  client = await connect(server.databaseUrl);
  const tools = logTools(server);
  ({ logs } = tools);
  held = await claimBySql(client, await tools.submit());
  for (let seq = 1; seq <= LINES / 2; seq += PER_BATCH) await tools.print(held, seq, between(seq, seq + PER_BATCH - 1));
  // another server, which did not see the beginning, takes the rest
  const other = <T>(provider: new (...parameters: never[]) => T): T => server.app.get(provider, { strict: false });
  // and allows more than the organization does
  await server.request('PATCH', '/api/v1/organization', { logLimitMib: 1 });
  const limits = new OrganizationLogLimits(other(Database), { limitMib: 64 });
  await limits.refresh();
  const limit = new LogLimit(other(LogCutRepository), limits);
  const ingest = new LogIngestService(other(LogChunkRepository), limit, new ReaderShare(), new EventBus());
  const { jobId, attempt, claimToken, ...by } = held;
  for (let firstSeq = LINES / 2 + 1; firstSeq <= LINES; firstSeq += PER_BATCH) {
    const lines = between(firstSeq, firstSeq + PER_BATCH - 1);
    const reply = await ingest.append({ jobId, attempt, claimToken, firstSeq, lines }, by);
    expect(reply).toEqual({ ok: true, ackedSeq: firstSeq + PER_BATCH - 1 });
  }
  await endBySql(client, held, 'succeeded');
  await client.query('INSERT INTO log_receipts (job_id, attempt, counted) VALUES ($1, 1, $2)', [
    jobId,
    JSON.stringify([countOf(0), countOf(1)]),
  ]);
  await Promise.all([limit, other(LogLimit)].map((each) => each.settled(jobId)));
  rows = rowsIn((await logs(jobId, 'format=ndjson')).body);
  mark = rows.find((row) => row.gap)!;
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

describe('a log that is longer than it may be', () => {
  test('keeps its beginning and its end, and counts exactly what lies between', () => {
    const { seq: first, gap } = mark;
    const last = gap!.lastSeq!;
    const numbers = [...Array(first).keys()].map((index) => index + 1);
    const tail = [...Array(LINES - last).keys()].map((index) => last + 1 + index);
    expect(rows.map(({ seq }) => seq)).toEqual([...numbers, ...tail]);
    expect(rows.filter((row) => row.gap)).toHaveLength(1);
    for (const row of rows) if (!row.gap) expect(row.text).toBe(lineOf(row.seq)[3]);
    const out = between(first, last);
    expect(gap).toMatchObject({ reason: 'limit', lines: out.length, bytes: sum(out) });
    expect(gap!.steps).toEqual(
      [0, 1].map((step) => {
        const ofStep = out.filter((line) => line[1] === step);
        return { step, lines: ofStep.length, bytes: sum(ofStep) };
      }),
    );
    const batch = sum(between(1, PER_BATCH));
    expect(sum(between(1, first - 1))).toBeGreaterThanOrEqual(MIB / 2);
    expect(sum(between(1, first - 1))).toBeLessThan(MIB / 2 + 8 * batch);
    expect(sum(between(last + 1, LINES))).toBeGreaterThan((MIB * 3) / 8 - 8 * batch);
    expect(sum(between(1, LINES)) - gap!.bytes!).toBeLessThanOrEqual(MIB + MIB / 16 + 8 * batch);
  });

  test('has a receipt that says so, and still finds what is missing', async () => {
    const path = `/api/v1/jobs/${held.jobId}/logs/receipt`;
    const { body } = await server.request<LogReceipt>('GET', path);
    const { lines, bytes, lastSeq, steps } = mark.gap!;
    expect(body).toMatchObject({
      status: 'cut',
      cut: { firstSeq: mark.seq, lastSeq, lines, bytes, steps },
      missing: [],
    });
    expect(body.lines + lines!).toBe(LINES);
    expect(body.steps.map(({ isSame }) => isSame)).toEqual([true, true]);
    await client.query(`UPDATE log_chunks SET lines = replace(lines, 'line 6000', 'line 600') WHERE job_id = $1`, [
      held.jobId,
    ]);
    const again = await server.request<LogReceipt>('GET', `${path}?check=true`);
    expect(again.body).toMatchObject({ status: 'incomplete' });
    await client.query(`UPDATE log_chunks SET lines = replace(lines, 'line 600 ä', 'line 6000 ä') WHERE job_id = $1`, [
      held.jobId,
    ]);
  });

  test('is read upwards page by page, through what was left out in one step', async () => {
    const seen: LogRow[] = [];
    let pages = 0;
    for (let query = 'tail=300'; ; pages += 1) {
      const { body } = await logs<LogPage>(held.jobId, `format=json&${query}`);
      if (body.items.length === 0) break;
      seen.unshift(...body.items);
      query = `before=${body.nextBefore}&limit=300`;
    }
    expect(seen.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq));
    expect(pages).toBeLessThan(15);
  });

  test('is read forward over page ends at the record, and from the middle of it', async () => {
    const page = async (query: string): Promise<LogPage> =>
      (await logs<LogPage>(held.jobId, `format=json&${query}`)).body;
    const { nextAfter } = await page(`after=${mark.seq - 2}&limit=2`);
    expect(nextAfter).toBe(mark.gap!.lastSeq);
    const last = mark.gap!.lastSeq!;
    expect((await page(`after=${nextAfter}&limit=1`)).items[0]).toMatchObject({ seq: last + 1 });
    const [rest, next] = (await page(`after=${last - 5}&limit=2`)).items;
    expect(rest).toMatchObject({ seq: last - 4, gap: { lines: 5, reason: 'limit', lastSeq: last } });
    expect(next).toMatchObject({ seq: last + 1 });
  });

  test('says for each step what of it was left out', async () => {
    for (const step of [0, 1]) {
      const ofStep = rowsIn((await logs(held.jobId, `format=ndjson&step=${step}`)).body);
      const counts = mark.gap!.steps!.find((count) => count.step === step)!;
      expect(ofStep.filter((row) => row.gap)).toMatchObject([
        { step, gap: { lines: counts.lines, bytes: counts.bytes } },
      ]);
      expect(ofStep).toHaveLength(countOf(step).lines - counts.lines + 1);
    }
    const tail = rowsIn((await logs(held.jobId, 'format=ndjson&step=0&tail=3')).body);
    expect(tail.map(({ seq }) => seq)).toEqual([mark.seq - 2, mark.seq - 1, mark.seq]);
  });

  test('is searched in what is left', async () => {
    const path = `/api/v1/jobs/${held.jobId}/logs/search?q=xxx&limit=1`;
    const { body } = await server.request<LogSearchPage>('GET', path);
    expect(body.total).toBe(rows.length - 1);
  });
});
