import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ReaderShare } from './reader-share.js';

let share: ReaderShare;
/** Time that went by while nothing else could happen. */
let workedMs: number;
/** Reads that have begun, by name, in that order. */
let begun: string[];

beforeEach(() => {
  jest.useFakeTimers();
  workedMs = 0;
  share = new (class extends ReaderShare {
    protected override nowMs(): number {
      return performance.now() + workedMs;
    }
  })();
  begun = [];
});

afterEach(() => void jest.useRealTimers());

/** Somebody prints as fast as it can, until `end` is called. */
function flood(lines = 500): { end: () => void } {
  let end = (): void => undefined;
  void share.storing(lines, () => new Promise<void>((resolve) => (end = resolve)));
  return { end: () => end() };
}

/** @param tookMs what its caller does with the result */
async function read(name: string, until: Promise<unknown> = Promise.resolve(), tookMs = 0): Promise<string> {
  await share.reading(() => {
    begun.push(name);
    return until;
  });
  workedMs += tookMs;
  return name;
}

const never = new Promise<never>(() => undefined);
const after = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

test('readers are not held up while few lines wait', async () => {
  flood(199);
  void read('a', never);
  void read('b', never);
  await after(0);
  expect(begun).toEqual(['a', 'b']);
});

test('in a flood they take turns, and pause for seven times what a turn took', async () => {
  flood();
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const first = read('a', answered, 10);
  void read('b');
  void read('c');
  await after(20);
  expect(begun).toEqual(['a']);
  answer();
  await first;
  await after(70);
  expect(begun).toEqual(['a']);
  await after(20);
  expect(begun.slice(0, 2)).toEqual(['a', 'b']);
  await after(20);
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('whoever waits for a slow database does not hold up the next', async () => {
  flood();
  void read('slow', never);
  void read('next');
  await after(49);
  expect(begun).toEqual(['slow']);
  await after(1);
  expect(begun).toEqual(['slow', 'next']);
});

test('a read that fails gives its turn away', async () => {
  flood();
  const failed = read('failed', Promise.reject(new Error('the database is away'))).catch(
    ({ message }: Error) => message,
  );
  const next = read('next');
  await after(20);
  expect(await failed).toBe('the database is away');
  expect(await next).toBe('next');
});

test('the pause between two batches of a flood is not its end, but silence is, and the others go on in groups', async () => {
  const first = flood();
  const names = Array.from({ length: 17 }, (_, index) => `${index}`);
  first.end();
  await after(980);
  for (const name of names) void read(name, never);
  await after(49);
  expect(begun).toEqual(['0']);
  await after(1);
  expect(begun).toEqual(names.slice(0, 9));
  await after(1);
  expect(begun).toEqual(names);
  void read('later', never);
  await after(0);
  expect(begun).toHaveLength(18);
});

test('nobody waits for more than five seconds, however many readers there are', async () => {
  flood();
  const readers = Array.from({ length: 200 }, (_, index) => read(`${index}`, Promise.resolve(), 100));
  await after(5_200);
  expect(begun).toHaveLength(200);
  await Promise.all(readers);
});
