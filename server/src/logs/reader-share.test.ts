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

/** So many lines wait, until `end` is called. */
function stored(lines: number): { end: () => void } {
  let end = (): void => undefined;
  void share.storing(lines, () => new Promise<void>((resolve) => (end = resolve)));
  return { end: () => end() };
}

/** Somebody has printed as fast as it can for a while, and goes on. */
async function flood(): Promise<{ end: () => void }> {
  const lines = stored(500);
  await after(100);
  return lines;
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
  stored(99);
  await after(10_000);
  void read('a', never);
  void read('b', never);
  await after(0);
  expect(begun).toEqual(['a', 'b']);
});

test('nor while many builds print now and then, even if all do so at the same moment', async () => {
  for (let round = 0; round < 100; round += 1) {
    const batches = Array.from({ length: 40 }, () => stored(10));
    void read('a', never);
    void read('b', never);
    await after(10);
    expect(begun).toHaveLength(2 * (round + 1));
    for (const batch of batches) batch.end();
    await after(40);
  }
});

test('nor by one batch, however large; four that wait for ever are a flood', async () => {
  const one = stored(5_000);
  await after(4);
  one.end();
  await after(1);
  void read('a', never);
  await after(0);
  Array.from({ length: 4 }, () => stored(50));
  await after(300);
  void read('b', never);
  void read('c', never);
  await after(0);
  expect(begun).toEqual(['a', 'b']);
});

test('in a flood they take turns, and pause for seven times what a turn took', async () => {
  await flood();
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
  await flood();
  void read('slow', never);
  void read('next');
  await after(49);
  expect(begun).toEqual(['slow']);
  await after(1);
  expect(begun).toEqual(['slow', 'next']);
});

test('whoever is given what another one has read prolongs the pause', async () => {
  await flood();
  const first = read('a');
  void read('b');
  await after(0);
  for (let other = 0; other < 20; other += 1) share.answersAnother();
  await first;
  await after(140);
  expect(begun).toEqual(['a']);
  await after(10);
  expect(begun).toEqual(['a', 'b']);
});

test('a read that fails gives its turn away', async () => {
  await flood();
  const failed = read('failed', Promise.reject(new Error('the database is away'))).catch(
    ({ message }: Error) => message,
  );
  const next = read('next');
  await after(20);
  expect(await failed).toBe('the database is away');
  expect(await next).toBe('next');
});

test('the pause between two batches of a flood is not its end, but silence is, and the others go on in groups', async () => {
  const first = await flood();
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
  await flood();
  const readers = Array.from({ length: 200 }, (_, index) => read(`${index}`, Promise.resolve(), 100));
  await after(5_200);
  expect(begun).toHaveLength(200);
  await Promise.all(readers);
});
