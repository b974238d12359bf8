import { get, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type pg from 'pg';
import type { JobId, LogPage, LogRow, LogSearchPage, Problem, WireLogLine } from '@dibs/shared';
import type { StoredChunk } from '../../src/logs/log-read.repository.js';
import { LogReader } from '../../src/logs/log-reader.js';
import { claimBySql, connect, endBySql, eventually, numberedLines } from '../support/job-fixtures.js';
import { logTools, type LogTools } from '../support/log-tools.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let token: string;
let submit: LogTools['submit'];
let print: LogTools['print'];
let logs: LogTools['logs'];

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  token = await server.token();
  ({ submit, print, logs } = logTools(server));
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

const search = <Body = LogSearchPage>(id: JobId, query: string) =>
  server.request<Body>('GET', `/api/v1/jobs/${id}/logs/search?${query}`);

/** What is on the wire: fetch would unpack it. */
function raw(
  id: JobId,
  query: string,
  acceptEncoding: string,
): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': acceptEncoding };
  return new Promise((resolve, reject) => {
    get(`${server.url}/api/v1/jobs/${id}/logs?${query}`, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
    }).on('error', reject);
  });
}

describe('a stream', () => {
  let id: JobId;
  const text = 'line 1\nline 2\n';

  beforeAll(async () => {
    id = await submit();
    await print(await claimBySql(client, id), 1, numberedLines(1, 2));
  });

  test('gzip for who accepts it', async () => {
    const zipped = await raw(id, '', 'gzip');
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(zipped.body).toString()).toBe(text);
    const plain = await raw(id, '', 'gzip;q=0, identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body.toString()).toBe(text);
  });

  test.each(['gzip', 'identity'])('a reader that leaves ends the reading of the database (%s)', async (encoding) => {
    let hasEnded = false;
    const lines = JSON.stringify([[1, 0, 'o', 'z'.repeat(60 * 1024)]]);
    const id = await submit();
    await claimBySql(client, id);
    await client.query('UPDATE jobs SET last_seq = $2 WHERE id = $1', [id, Number.MAX_SAFE_INTEGER]);
    // an endless log ends only when somebody stops reading it
    const pages = async function* (): AsyncGenerator<readonly StoredChunk[]> {
      try {
        for (let seq = 1; ; seq += 1) {
          await new Promise(setImmediate);
          yield [{ first_seq: seq, last_seq: seq, lines }];
        }
      } finally {
        hasEnded = true;
      }
    };
    const endless = jest.spyOn(server.app.get(LogReader, { strict: false }), 'pages').mockImplementation(pages);
    try {
      const leaving = new AbortController();
      const response = await fetch(`${server.url}/api/v1/jobs/${id}/logs`, {
        headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding },
        signal: leaving.signal,
      });
      await response.body!.getReader().read();
      expect(hasEnded).toBe(false);
      leaving.abort();
      await eventually(
        () => hasEnded,
        (ended) => ended,
      );
    } finally {
      endless.mockRestore();
    }
  });
});

describe('a step', () => {
  let id: JobId;
  const seqs = ({ items }: LogPage): number[] => items.map((row) => row.seq);

  beforeAll(async () => {
    id = await submit();
    const held = await claimBySql(client, id);
    const of = (step: number, count: number): WireLogLine[] =>
      Array.from({ length: count }, (_, index) => [1, step, 'o', `${step}.${index}`]);
    await print(held, 1, of(-1, 2));
    await print(held, 3, [...of(0, 3), ...of(1, 2)]);
    await print(held, 8, of(1, 5));
    // stored before chunks knew their steps
    await client.query('UPDATE log_chunks SET min_step = NULL, max_step = NULL WHERE job_id = $1 AND first_seq = 8', [
      id,
    ]);
    await print(held, 13, of(1, 3));
    // output of a program that was left running
    await print(held, 16, [...of(2, 2), ...of(1, 1), ...of(2, 2)]);
    await endBySql(client, held, 'succeeded');
  });

  test.each([
    ['step=-1', [1, 2]],
    ['step=0', [3, 4, 5]],
    ['step=1', [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18]],
    ['step=2', [16, 17, 19, 20]],
    ['step=3', []],
    ['step=1&after=7&limit=3', [8, 9, 10]],
    ['step=1&before=9', [6, 7, 8]],
    ['step=1&tail=1', [18]],
    ['step=1&tail=5', [12, 13, 14, 15, 18]],
    ['step=1&tail=10', [7, 8, 9, 10, 11, 12, 13, 14, 15, 18]],
    ['step=1&tail=50', [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18]],
    ['step=1&before=14&limit=3', [11, 12, 13]],
    ['step=2&before=19&limit=2', [16, 17]],
  ])('?%s', async (query, expected) => {
    expect(seqs((await logs<LogPage>(id, `format=json&${query}`)).body)).toEqual(expected);
    const rows = (await logs(id, `format=ndjson&${query}`)).body.split('\n').filter((row) => row !== '');
    expect(rows.map((row) => (JSON.parse(row) as LogRow).seq)).toEqual(expected);
  });

  test('is followed alone', async () => {
    expect((await logs(id, 'follow=true&step=2')).body).toBe('2.0\n2.1\n2.0\n2.1\n');
    expect((await logs(id, 'follow=true&step=1&tail=2')).body).toBe('1.2\n1.0\n');
  });

  test('is searched alone', async () => {
    const { body } = await search(id, 'q=.1&step=2');
    expect(body.items.map((hit) => hit.line.seq)).toEqual([17, 20]);
  });
});

describe('searching', () => {
  let id: JobId;
  const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;

  beforeAll(async () => {
    id = await submit();
    const held = await claimBySql(client, id);
    for (let firstSeq = 1; firstSeq <= 91; firstSeq += 10) {
      const lines = numberedLines(firstSeq, 10).map(([at, step, stream, text], index): WireLogLine => {
        const seq = firstSeq + index;
        return [at, step, stream, seq % 20 === 0 ? `${text} ${red('Er')}${red('ror')}: "it\\broke"` : text];
      });
      await print(held, firstSeq, lines);
    }
    await endBySql(client, held, 'failed');
  });

  test('counts every line and shows hits with the lines around them', async () => {
    const { status, body } = await search(id, 'q=error&limit=2&context=1');
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 5, offset: 0, nextOffset: 2, attempt: 1, lastSeq: 100, complete: true });
    expect(body.items.map(({ line, before, after }) => [line, ...before, ...after].map((row) => row.seq))).toEqual([
      [20, 19, 21],
      [40, 39, 41],
    ]);
    expect(body.items[0]?.line.text).toContain(red('Er'));
    const next = await search(id, 'q=error&limit=2&offset=2');
    expect(next.body).toMatchObject({ total: 5, offset: 2, nextOffset: 4 });
    expect(next.body.items.map(({ line, before, after }) => [line.seq, before.length, after.length])).toEqual([
      [60, 2, 2],
      [80, 2, 2],
    ]);
    const last = await search(id, 'q=error&limit=2&offset=4');
    expect(last.body.nextOffset).toBeNull();
    // below the last line there is nothing
    expect(last.body.items.map(({ line, before, after }) => [line.seq, before.length, after.length])).toEqual([
      [100, 2, 0],
    ]);
  });

  test.each([
    ['q=Error&caseSensitive=true', 5],
    ['q=error&caseSensitive=true', 0],
    ['q=LINE%205', 11],
    [`q=${encodeURIComponent('"it\\broke"')}`, 5],
    ['q=.', 0],
    ['q=31m', 0],
    ['q=line&after=10&before=21', 10],
    ['q=error&after=20', 4],
    ['q=line&offset=500', 100],
    ['q=line&attempt=1&context=0', 100],
  ])('?%s: %d', async (query, total) => expect((await search(id, query)).body.total).toBe(total));

  test('context of hits beside each other', async () => {
    const { body } = await search(id, 'q=line%209&context=3');
    expect(body.items.map((hit) => hit.line.seq)).toEqual([9, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    for (const { line, before, after } of body.items) {
      const from = Array.from({ length: 7 }, (_, index) => line.seq - 3 + index).filter((seq) => seq <= 100);
      expect([...before, line, ...after].map((row) => row.seq)).toEqual(from);
    }
  });

  test.each([
    ...['', 'q=', 'q=a%0Ab', `q=${'x'.repeat(201)}`, 'q=x&limit=0', 'q=x&limit=501', 'q=x&context=21', 'q=x&offset=-1'],
    ...['q=x&caseSensitive=1', 'q=x&tail=5', 'q=x&q=y', 'q=x&regex=true'],
  ])('refuses ?%s', async (query) => {
    const { status, body } = await search<Problem>(id, query);
    expect([status, body.errors?.length]).toEqual([400, 1]);
  });

  test('a job that was never claimed has no line', async () => {
    expect((await search(await submit(), 'q=x')).body).toMatchObject({ items: [], total: 0, attempt: 0, lastSeq: 0 });
  });
});
