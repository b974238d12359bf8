import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobId, JobSummary, LogPage, LogRow, OrganizationId, Problem, WireLogLine } from '@dibs/shared';
import { LogFollower } from '../../src/logs/log-follower.js';
import { LogWatchers } from '../../src/logs/log-watchers.js';
import {
  claimBySql,
  connect,
  defaultOrganization,
  endBySql,
  eventually,
  makeTenant,
  makeToken,
  numberedLines,
  type Tenant,
} from '../support/job-fixtures.js';
import { logTools, type LogTools } from '../support/log-tools.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let foreign: Tenant;
let token: string;
let organizationId: OrganizationId;
let submit: LogTools['submit'];
let print: LogTools['print'];
let logs: LogTools['logs'];

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  foreign = await makeTenant(client);
  token = await server.token();
  organizationId = await defaultOrganization(client);
  ({ submit, print, logs } = logTools(server));
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

const texts = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

/** A response that is read while it grows. */
async function open(
  id: JobId,
  query: string,
  as = token,
): Promise<{ text: () => string; ended: Promise<string>; leave: () => void }> {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/api/v1/jobs/${id}/logs?${query}`, {
    headers: { authorization: `Bearer ${as}` },
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  let text = '';
  const read = async (): Promise<string> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) text += decoder.decode(chunk, { stream: true });
    return text;
  };
  const ended = read();
  ended.catch(() => undefined);
  return { text: () => text, ended, leave: () => abort.abort() };
}

describe('reading', () => {
  let id: JobId;

  beforeAll(async () => {
    id = await submit();
    const held = await claimBySql(client, id);
    for (let firstSeq = 1; firstSeq <= 91; firstSeq += 10) await print(held, firstSeq, numberedLines(firstSeq, 10));
    await print(held, 101, [[1_763_600_000_000, -1, 's', '3 lines were lost', { lines: 3, reason: 'limit' }]]);
    await endBySql(client, held, 'succeeded');
  });

  test('text is what was printed', async () => {
    const response = await logs(id, '');
    expect(response.body).toBe(`${texts(1, 100)}3 lines were lost\n`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('x-dibs-last-seq')).toBe('101');
    expect(response.headers.get('x-dibs-attempt')).toBe('1');
    expect(response.headers.get('x-dibs-log-complete')).toBe('true');
  });

  test('ndjson is numbered rows, gaps included', async () => {
    const response = await logs(id, 'format=ndjson');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const rows = response.body
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row) as LogRow);
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
    expect(rows[0]).toEqual({ seq: 1, at: '2025-11-20T00:53:20.000Z', step: 0, stream: 'stdout', text: 'line 1' });
    expect(rows[100]).toMatchObject({ stream: 'system', step: -1, gap: { lines: 3, reason: 'limit' } });
  });

  test.each([
    ['after=95&before=99', texts(96, 98)],
    ['after=14&limit=8', texts(15, 22)],
    ['before=21&limit=3', texts(18, 20)],
    ['tail=3', `${texts(99, 100)}3 lines were lost\n`],
    ['after=101', ''],
    ['after=5000', ''],
    ['attempt=1&limit=1', texts(1, 1)],
  ])('?%s', async (query, text) => expect((await logs(id, query)).body).toBe(text));

  test('a json page tells how to go on', async () => {
    const first = await logs<LogPage>(id, 'format=json&limit=60');
    expect(first.body).toMatchObject({ attempt: 1, lastSeq: 101, complete: true, nextAfter: 60 });
    expect(first.body.items).toHaveLength(60);
    const second = await logs<LogPage>(id, `format=json&limit=60&after=${first.body.nextAfter}`);
    expect(second.body.items.map((row) => row.seq)).toEqual(Array.from({ length: 41 }, (_, index) => index + 61));
    const third = await logs<LogPage>(id, `format=json&after=${second.body.nextAfter}`);
    expect(third.body).toMatchObject({ items: [], nextAfter: 101 });
  });

  test('a json page is read upwards from the end, too', async () => {
    const seen: number[] = [];
    let query = 'tail=40';
    for (;;) {
      const { body } = await logs<LogPage>(id, `format=json&${query}`);
      if (body.items.length === 0) break;
      seen.unshift(...body.items.map((row) => row.seq));
      query = `before=${body.nextBefore}&limit=40`;
    }
    expect(seen).toEqual(Array.from({ length: 101 }, (_, index) => index + 1));
  });

  test('ndjson for who accepts it', async () => {
    const headers = { accept: 'application/x-ndjson' };
    const response = await server.request<string>('GET', `/api/v1/jobs/${id}/logs?limit=1`, undefined, { headers });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(response.headers.get('vary')).toContain('accept');
    expect(JSON.parse(response.body)).toMatchObject({ seq: 1 });
    const named = await server.request('GET', `/api/v1/jobs/${id}/logs?format=text&limit=1`, undefined, { headers });
    expect(named.body).toBe(texts(1, 1));
  });

  test('as a file', async () => {
    const named = async (query: string) => (await logs(id, query)).headers.get('content-disposition');
    expect(await named('download=true')).toBe(`attachment; filename="job-${id}-attempt-1.log"`);
    expect(await named('download=true&format=ndjson')).toBe(`attachment; filename="job-${id}-attempt-1.ndjson"`);
    expect(await named('')).toBeNull();
  });

  test('HEAD has the headers and no body', async () => {
    for (const query of ['', 'follow=true']) {
      const response = await fetch(`${server.url}/api/v1/jobs/${id}/logs?${query}`, {
        method: 'HEAD',
        headers: { authorization: `Bearer ${token}` },
      });
      expect([response.status, await response.text()]).toEqual([200, '']);
      expect(response.headers.get('x-dibs-attempt')).toBe('1');
    }
  });

  test.each([
    ...['after=-1', 'after=x', 'after=1.5', 'limit=0', 'attempt=0', 'format=xml', 'follow=maybe', 'tail=0', 'foo=1'],
    ...['step=-2', 'step=x', 'download=1', 'download=true&follow=true', 'download=true&format=json'],
    ...['tail=5&after=1', 'format=json&limit=5001', 'format=json&follow=true', 'follow=true&before=5', 'after=1e99'],
    'after=99999999999999999999',
  ])('refuses ?%s', async (query) => expect((await logs(id, query)).status).toBe(400));

  test('an attempt that was never made', async () => {
    const response = await logs<Problem>(id, 'attempt=2');
    expect([response.status, response.body.code]).toEqual([404, 'attempt_not_found']);
  });

  test('a job that was never claimed has an empty log', async () => {
    const queued = await submit();
    expect(await logs(queued, '')).toMatchObject({ status: 200, body: '' });
    expect((await logs<LogPage>(queued, 'format=json')).body).toEqual({
      items: [],
      attempt: 0,
      lastSeq: 0,
      complete: false,
      nextAfter: 0,
      nextBefore: 1,
    });
  });

  test('is of nobody else', async () => {
    for (const query of [
      '?',
      '?follow=true',
      '?format=json',
      '?format=ndjson',
      '?attempt=1',
      '?tail=1',
      '/search?q=line',
    ]) {
      const response = await server.request<Problem>('GET', `/api/v1/jobs/${id}/logs${query}`, undefined, {
        token: foreign.token,
      });
      expect([response.status, response.body.code]).toEqual([404, 'job_not_found']);
    }
    expect((await server.request('GET', `/api/v1/jobs/${id}/logs`, undefined, { token: null })).status).toBe(401);
  });

  test('long lines and pages bounded by size', async () => {
    const long = await submit();
    const held = await claimBySql(client, long);
    const line = 'x'.repeat(64 * 1024);
    for (let firstSeq = 1; firstSeq <= 97; firstSeq += 4) {
      await print(
        held,
        firstSeq,
        Array.from({ length: 4 }, (): WireLogLine => [1, 0, 'o', line]),
      );
    }
    const seen: number[] = [];
    for (let after = 0; after < 100;) {
      const { body } = await logs<LogPage>(long, `format=json&after=${after}`);
      expect(body.items.length).toBeGreaterThan(0);
      expect(body.items.length).toBeLessThan(70);
      seen.push(...body.items.map((row) => row.seq));
      after = body.nextAfter;
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect((await logs(long, '')).body).toBe(`${line}\n`.repeat(100));
    // a page that counts from the end keeps the end
    const last = (await logs<LogPage>(long, 'format=json&tail=100')).body.items.map((row) => row.seq);
    expect([last.at(-1), last.length < 70]).toEqual([100, true]);
    const above = (await logs<LogPage>(long, `format=json&before=${last[0]!}&limit=100`)).body.items;
    expect(above.at(-1)?.seq).toBe(last[0]! - 1);
  });
});

describe('following', () => {
  test('shows lines as they are stored and ends with the job', async () => {
    const id = await submit();
    const reader = await open(id, 'follow=true');
    const held = await claimBySql(client, id);
    await print(held, 1, numberedLines(1, 1));
    await eventually(reader.text, (text) => text === texts(1, 1));
    await print(held, 2, numberedLines(2, 3));
    await eventually(reader.text, (text) => text === texts(1, 4));
    await print(held, 5, numberedLines(5, 1));
    await endBySql(client, held, 'succeeded');
    expect(await reader.ended).toBe(texts(1, 5));
  });

  test('starts after a line, or with the last ones', async () => {
    const id = await submit();
    const held = await claimBySql(client, id);
    await print(held, 1, numberedLines(1, 10));
    const [after, tail] = [await open(id, 'follow=true&after=8'), await open(id, 'follow=true&tail=1')];
    await print(held, 11, numberedLines(11, 1));
    await endBySql(client, held, 'failed');
    expect(await after.ended).toBe(texts(9, 11));
    expect(await tail.ended).toBe(texts(10, 11));
  });

  test('goes on with the next attempt and says so', async () => {
    const id = await submit();
    const first = await claimBySql(client, id);
    await print(first, 1, numberedLines(1, 2));
    const [text, ndjson, pinned] = [
      await open(id, 'follow=true'),
      await open(id, 'follow=true&format=ndjson'),
      await open(id, 'follow=true&attempt=1'),
    ];
    await endBySql(client, first, 'queued');
    // a reader that named its attempt has seen all of it
    expect(await pinned.ended).toBe(texts(1, 2));
    const second = await claimBySql(client, id);
    await print(second, 1, numberedLines(1, 3));
    await endBySql(client, second, 'succeeded');
    const marker = '[dibs] Attempt 1 is over: The runner stopped renewing its lease. Attempt 2:\n';
    expect(await text.ended).toBe(texts(1, 2) + marker + texts(1, 3));
    const rows = (await ndjson.ended)
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row) as LogRow & { attempt: number });
    expect(rows.map((row) => [row.attempt, row.seq])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
  });

  test('ends at once for a job that has ended, also for one that never ran', async () => {
    const id = await submit();
    await server.request('POST', `/api/v1/jobs/${id}/cancel`);
    expect((await logs(id, 'follow=true')).body).toBe('');
    // an attempt that will never be is not waited for
    const response = await logs<Problem>(id, 'follow=true&attempt=3');
    expect([response.status, response.body.code]).toEqual([404, 'attempt_not_found']);
  });

  test('a queued job that is canceled ends its followers', async () => {
    const id = await submit();
    const reader = await open(id, 'follow=true');
    await server.request('POST', `/api/v1/jobs/${id}/cancel`);
    expect(await reader.ended).toBe('');
  });

  test('counts as watching, and a reader that leaves frees everything', async () => {
    const watchers = server.app.get(LogWatchers, { strict: false });
    const follower = server.app.get(LogFollower, { strict: false });
    const id = await submit();
    await eventually(
      () => follower.count,
      (count) => count === 0,
    );
    const readers = [await open(id, 'follow=true'), await open(id, 'follow=true')];
    await eventually(
      () => watchers.watchedAmong([id]),
      (watched) => watched.length === 1,
    );
    expect(follower.count).toBe(2);
    readers.forEach((reader) => reader.leave());
    await eventually(
      () => watchers.watchedAmong([id]),
      (watched) => watched.length === 0,
    );
    expect(follower.count).toBe(0);
  });

  test('a reader whose token is revoked is cut, and can tell that from an end', async () => {
    const id = await submit();
    const [falling, staying] = [
      await open(id, 'follow=true', await makeToken(client, organizationId, 'viewer')),
      await open(id, 'follow=true'),
    ];
    await client.query(`UPDATE api_tokens SET revoked_at = clock_timestamp() WHERE name = 'viewer-token'`);
    await expect(falling.ended).rejects.toThrow();
    await server.request('POST', `/api/v1/jobs/${id}/cancel`);
    expect(await staying.ended).toBe('');
  });

  test('a reader that does not read holds back nothing but itself', async () => {
    const id = await submit();
    const held = await claimBySql(client, id);
    const response = await fetch(`${server.url}/api/v1/jobs/${id}/logs?follow=true`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const reader = await open(id, 'follow=true');
    const line = 'y'.repeat(60 * 1024);
    for (let firstSeq = 1; firstSeq <= 398; firstSeq += 4) {
      await print(
        held,
        firstSeq,
        Array.from({ length: 4 }, (): WireLogLine => [1, 0, 'o', line]),
      );
    }
    await endBySql(client, held, 'succeeded');
    expect((await reader.ended).length).toBe(400 * (line.length + 1));
    // the slow one gets every line as well, once it reads
    expect((await response.text()).length).toBe(400 * (line.length + 1));
  });
});

test('followers do not keep a server from stopping', async () => {
  const other = await startTestServer();
  const { body } = await other.request<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true' }] });
  const response = await fetch(`${other.url}/api/v1/jobs/${body.id}/logs?follow=true`, {
    headers: { authorization: `Bearer ${await other.token()}` },
  });
  const waiting = other.request('GET', `/api/v1/jobs/${body.id}?wait=60`).catch((error: unknown) => error);
  const follower = other.app.get(LogFollower, { strict: false });
  await eventually(
    () => follower.count,
    (count) => count === 1,
  );
  const startedAtMs = performance.now();
  await other.stop();
  // the request waits for twice as long
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
  await response.text().catch(() => undefined);
  await waiting;
});
