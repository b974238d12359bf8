import { expect, test } from '@jest/globals';
import type { JobId, WireLogLine } from '@dibs/shared';
import type { StoredChunk } from './log-read.repository.js';
import { LogReader } from './log-reader.js';
import type { LogSource } from './log-source.js';
import { ReaderShare } from './reader-share.js';

const chunkOf = (first: number, last: number): StoredChunk => {
  const lines = Array.from({ length: last - first + 1 }, (_, index): WireLogLine => [1, 0, 'o', `${first + index}`]);
  return { first_seq: first, last_seq: last, lines: JSON.stringify(lines) };
};
const cutOf = (first: number, last: number): StoredChunk => {
  const gap = { lines: last - first + 1, reason: 'limit' as const, lastSeq: last, steps: [] };
  return { first_seq: first, last_seq: last, lines: JSON.stringify([[1, 0, 's', 'left out', gap]]) };
};

/**
 * What a page of so many lines after a number has, and which chunks were fetched for it.
 *
 * @param most chunks in one fetch
 * @param then what is stored when the second fetch comes
 */
async function pageOf(
  stored: readonly StoredChunk[],
  after: number,
  limit: number,
  { most = Infinity, then = stored }: { most?: number; then?: readonly StoredChunk[] } = {},
) {
  const fetched: string[] = [];
  const chunks = (_job: JobId, _attempt: number, from: number, before: number) => {
    const now = fetched.length === 0 ? stored : then;
    const found = now.filter((chunk) => chunk.last_seq > from && chunk.first_seq < before).slice(0, most);
    fetched.push(found.map((chunk) => `${chunk.first_seq}-${chunk.last_seq}`).join(' '));
    return Promise.resolve(found);
  };
  const reader = new LogReader({ chunks } as unknown as LogSource, new ReaderShare());
  const texts: string[] = [];
  const range = { after, before: stored.at(-1)!.last_seq + 1, limit, step: null };
  for await (const { firstSeq, lines } of reader.read('job' as JobId, 1, range)) {
    texts.push(...lines.map(([, , , text, gap], index) => (gap ? `${firstSeq + index}-${gap.lastSeq} gone` : text)));
  }
  return { texts, fetched };
}

test('only the chunks of a page are fetched for it', async () => {
  const stored = [chunkOf(1, 4), chunkOf(5, 8), chunkOf(9, 12), chunkOf(13, 16)];
  expect(await pageOf(stored, 5, 4)).toEqual({ texts: ['6', '7', '8', '9'], fetched: ['5-8 9-12'] });
});

test('a line that stands for many does not make a page shorter', async () => {
  const stored = [chunkOf(1, 2), cutOf(3, 90), chunkOf(91, 95)];
  const { texts } = await pageOf(stored, 0, 6);
  expect(texts).toEqual(['1', '2', '3-90 gone', '91', '92', '93']);
});

test('lines that the database lost do not end a log', async () => {
  const stored = [chunkOf(1, 2), chunkOf(50, 52)];
  expect(await pageOf(stored, 0, 4)).toEqual({ texts: ['1', '2', '50', '51'], fetched: ['1-2', '', '50-52'] });
});

test.each([
  ['lines that were handed out', [chunkOf(1, 4), chunkOf(5, 8)], ['1', '2', '3', '4', '5', '6', '7', '8']],
  ['what was left out before', [chunkOf(1, 2), cutOf(3, 8)], ['1', '2', '3-8 gone']],
])('what is left out while it is read, %s included, is told from where the reader is', async (_what, before, seen) => {
  const stored = [...before, chunkOf(9, 12), chunkOf(13, 16)];
  const then = [chunkOf(1, 2), cutOf(3, 12), chunkOf(13, 16)];
  const { texts } = await pageOf(stored, 0, 100, { most: 2, then });
  expect(texts).toEqual([...seen, '9-12 gone', '13', '14', '15', '16']);
});

test.each([3, 4, 8])('whoever has read line %d is told how many of the next are gone', async (after) => {
  const { texts } = await pageOf([chunkOf(1, 2), cutOf(3, 9), chunkOf(10, 10)], after, 100);
  expect(texts).toEqual([`${after + 1}-9 gone`, '10']);
});
