import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { LogPage } from '@dibs/shared';
import { LogPages } from './log-pages.js';
import { ReaderShare } from './reader-share.js';

let pages: LogPages;
let reads: number;

beforeEach(() => {
  jest.useFakeTimers();
  pages = new LogPages(new ReaderShare());
  reads = 0;
});

afterEach(() => void jest.useRealTimers());

const pageOf = (text: string) =>
  ({
    ...{ items: [{ seq: 1, at: '2026-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text }] },
    ...{ attempt: 1, lastSeq: 1, complete: false, nextAfter: 1, nextBefore: 1 },
  }) as LogPage;

function read(key: string, page = pageOf('a')): Promise<Buffer> {
  return pages.page(key, () => {
    reads += 1;
    return Promise.resolve(page);
  });
}

test('who asks for the same page soon after gets the same bytes, who comes later or wants another one does not', async () => {
  const [first, second] = await Promise.all([read('a'), read('a')]);
  expect(JSON.parse(first.toString())).toEqual(pageOf('a'));
  expect(second).toBe(first);
  await jest.advanceTimersByTimeAsync(99);
  expect(await read('a')).toBe(first);
  expect(reads).toBe(1);
  await read('b');
  await jest.advanceTimersByTimeAsync(1);
  await read('a');
  expect(reads).toBe(3);
});

test('a large one is shared while it is made, and not kept', async () => {
  const large = pageOf('x'.repeat(512 * 1024));
  await Promise.all([read('a', large), read('a', large)]);
  await read('a', large);
  expect(reads).toBe(2);
});

test('one that cannot be read is tried again by who asks next', async () => {
  const failed = pages.page('a', () => Promise.reject(new Error('the database is away')));
  await expect(failed).rejects.toThrow('the database is away');
  await read('a');
  expect(reads).toBe(1);
});
