import { expect, test } from '@jest/globals';
import type { JobId, WireLogLine } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { LogFollower } from './log-follower.js';
import type { StoredChunk } from './log-read.repository.js';
import { LogReader } from './log-reader.js';
import { ReaderShare } from './reader-share.js';

const chunkOf = (first: number, last: number): StoredChunk => {
  const lines = Array.from({ length: last - first + 1 }, (_, index): WireLogLine => [1, 0, 'o', `${first + index}`]);
  return { first_seq: first, last_seq: last, lines: JSON.stringify(lines) };
};
const cutOf = (first: number, last: number): StoredChunk => {
  const line: WireLogLine = [
    1,
    0,
    's',
    'left out',
    { lines: last - first + 1, reason: 'limit', lastSeq: last, steps: [] },
  ];
  return { first_seq: first, last_seq: last, lines: JSON.stringify([line]) };
};

/** A log that is looked at once in each of these states, and has ended with the last one. */
async function followed(states: readonly (readonly StoredChunk[])[]): Promise<string[]> {
  let looks = 0;
  const stored = (): readonly StoredChunk[] => states[looks - 1]!;
  const repository = {
    standing: () => {
      looks += 1;
      const ended = looks === states.length;
      const attempt = { lastSeq: stored().at(-1)!.last_seq, ended, reason: null, complete: ended };
      return Promise.resolve({ jobState: ended ? 'succeeded' : 'running', latestAttempt: 1, attempt });
    },
    chunks: (_job: JobId, _attempt: number, after: number, before: number) =>
      Promise.resolve(stored().filter((chunk) => chunk.last_seq > after && chunk.first_seq < before)),
  };
  const nothing = (): (() => void) => () => undefined;
  const timing = { logPeriodIdleMs: 1, principalRecheckMs: 60_000 };
  const parts = [
    repository,
    new LogReader(repository as never, new ReaderShare()),
    { on: nothing },
    { watch: nothing },
    {},
    timing,
  ];
  const follower = new LogFollower(...(parts as unknown as ConstructorParameters<typeof LogFollower>));
  const request = { caller: {} as Caller, jobId: 'job' as JobId, attempt: 1, after: 0, step: null };
  const seen: string[] = [];
  for await (const part of follower.follow(request, new AbortController().signal)) {
    if (part.kind !== 'lines') continue;
    part.lines.forEach((line, index) => {
      const seq = part.firstSeq + index;
      seen.push(line[4] ? `${seq} to ${line[4].lastSeq} left out` : `${seq}`);
    });
  }
  return seen;
}

test.each([
  ['the line after its own', 3],
  ['its own line, too', 2],
  ['lines before its own, too', 1],
])('a follower that was overtaken is told what it misses, where a cut begins with %s', async (_where, cutFrom) => {
  const head = cutFrom === 1 ? [] : [chunkOf(1, cutFrom - 1)];
  const states = [
    [chunkOf(1, 2)],
    [...head, cutOf(cutFrom, 5), chunkOf(6, 6)],
    [...head, cutOf(cutFrom, 5), chunkOf(6, 7)],
  ];
  expect(await followed(states)).toEqual(['1', '2', '3 to 5 left out', '6', '7']);
});

test('a cut that grows afterwards is not told again', async () => {
  const states = [
    [cutOf(1, 5), chunkOf(6, 6)],
    [cutOf(1, 6), chunkOf(7, 7)],
    [cutOf(1, 6), chunkOf(7, 8)],
  ];
  expect(await followed(states)).toEqual(['1 to 5 left out', '6', '7', '8']);
});
