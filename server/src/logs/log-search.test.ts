import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { JobId, WireLogLine } from '@dibs/shared';
import type { StoredChunk } from './log-read.repository.js';
import type { LogSource } from './log-source.js';
import { LogReader } from './log-reader.js';
import { ReaderShare } from './reader-share.js';
import { LogSearch, type LogSearchRequest } from './log-search.js';

const NEVER = new AbortController().signal;

const REQUEST: LogSearchRequest = {
  jobId: '01970000-0000-7000-8000-000000000000' as JobId,
  attempt: 1,
  range: { after: 0, before: Infinity, step: null },
  needle: 'x',
  isCaseSensitive: false,
  offset: 0,
  limit: 3,
  context: 0,
};

/** A log in chunks of ten lines. */
function logOf(
  lastSeq: number,
  text: string | ((seq: number) => string),
  asked: () => Promise<unknown> = turn,
): LogReader {
  const chunks = async (_job: JobId, _attempt: number, after: number, before: number): Promise<StoredChunk[]> => {
    await asked();
    const first = after - (after % 10) + 1;
    if (first > lastSeq || first >= before) return [];
    const lines = Array.from({ length: 10 }, (_, index): WireLogLine => {
      return [1, 0, 'o', typeof text === 'string' ? text : text(first + index)];
    });
    return [{ first_seq: first, last_seq: first + 9, lines: JSON.stringify(lines) }];
  };
  const scan = async (...[job, attempt, after, before, , each]: Parameters<LogSource['scan']>): Promise<void> => {
    const found = await chunks(job, attempt, after, before);
    found.every((chunk) => each({ ...chunk, lines: Buffer.from(chunk.lines) }));
  };
  return new LogReader({ chunks, scan } as unknown as LogSource, new ReaderShare());
}

class HastySearch extends LogSearch {
  protected override readonly timeLimitMs = 100;
}

test('every hit is counted, also those that are not shown', async () => {
  const hits = await new LogSearch(logOf(5_000, 'x')).search({ ...REQUEST, offset: 1_234 }, NEVER);
  expect(hits.total).toBe(5_000);
  expect(hits.items.map((hit) => hit.line.seq)).toEqual([1_235, 1_236, 1_237]);
});

test('a page of large lines ends early, and nothing is passed over', async () => {
  const text = 'x'.repeat(60 * 1024);
  const { items, total } = await new LogSearch(logOf(200, text)).search({ ...REQUEST, limit: 150 }, NEVER);
  expect(total).toBe(200);
  expect(items.length).toBeLessThan(75);
  expect(items.map((hit) => hit.line.seq)).toEqual(items.map((_, index) => index + 1));
});

test('with context, too', async () => {
  const text = 'x'.repeat(60 * 1024);
  const search = new LogSearch(logOf(200, text));
  const { items } = await search.search({ ...REQUEST, limit: 60, context: 20 }, NEVER);
  expect(items.length).toBeGreaterThan(0);
  expect(items.length).toBeLessThan(10);
});

test('lines around a hit are read again only where they are of another chunk', async () => {
  const around = async (needle: string) => {
    let reads = 0;
    const count = (): Promise<void> => Promise.resolve(void (reads += 1));
    const search = new LogSearch(logOf(30, (seq) => `line ${seq};`, count));
    const { items } = await search.search({ ...REQUEST, needle, context: 2 }, NEVER);
    return { seqs: items.map(({ before, line, after }) => [...before, line, ...after].map(({ seq }) => seq)), reads };
  };
  const { reads: toTheEnd } = await around('nowhere');
  expect(await around('line 15;')).toEqual({ seqs: [[13, 14, 15, 16, 17]], reads: toTheEnd });
  expect(await around('line 1;')).toEqual({ seqs: [[1, 2, 3]], reads: toTheEnd });
  const { seqs, reads } = await around('line 12;');
  expect(seqs).toEqual([[10, 11, 12, 13, 14]]);
  expect(reads).toBeGreaterThan(toTheEnd);
  expect((await around('line 30;')).seqs).toEqual([[28, 29, 30]]);
});

describe('bounds', () => {
  test('a log that takes too long is answered with how far it came', async () => {
    const endless = new HastySearch(logOf(Infinity, 'y'));
    await expect(endless.search(REQUEST, NEVER)).rejects.toMatchObject({ status: 422, code: 'log_search_too_long' });
  });

  test('who has left is not searched for', async () => {
    const left = new AbortController();
    const searching = new LogSearch(logOf(Infinity, 'y')).search(REQUEST, left.signal);
    left.abort();
    await expect(searching).rejects.toThrow();
  });

  test('two at a time; a third waits, but not for ever', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const search = new HastySearch(logOf(0, 'y', () => gate));
    const held = [search.search(REQUEST, NEVER), search.search(REQUEST, NEVER)];
    await expect(search.search(REQUEST, NEVER)).rejects.toMatchObject({ status: 503, code: 'log_search_busy' });
    release();
    expect(await Promise.all(held)).toEqual([
      { items: [], total: 0 },
      { items: [], total: 0 },
    ]);
    expect((await search.search(REQUEST, NEVER)).total).toBe(0);
  });

  test('a server that stops waits for no search', async () => {
    const search = new LogSearch(logOf(Infinity, 'y'));
    const searching = search.search(REQUEST, NEVER);
    search.onModuleDestroy();
    await expect(searching).rejects.toThrow();
  });
});
