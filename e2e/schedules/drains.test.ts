import { expect, test } from '@jest/globals';
import { drainViolations } from './drains.js';
import type { Change } from './witness.js';

const DRAINED = [{ instance: 'a', fromMs: 10_000, untilMs: 20_000 }];
const grant = (instance: string, atMs: number): Change => ({
  ...{ id: 1, job: 'j', parent: null, before: null, after: null },
  ...{ attempt: 1, live: true, instance, atMs },
});
const taken = (instance: string, atMs: number) => ({ job: 'j', attempt: 1, instance, atMs });

test('a job that is given to an instance that drains is found, and one that is taken from it', () => {
  expect(drainViolations([grant('a', 15_000)], [], DRAINED)).toEqual([expect.stringMatching(/^drain: .* given to a/)]);
  expect(drainViolations([], [taken('a', 10_500)], DRAINED)).toEqual([
    expect.stringMatching(/^drain: .* taken from a/),
  ]);
});

test.each([
  ['another instance', grant('b', 15_000)],
  ['a grant that was on its way', grant('a', 10_500)],
  ['one after the drain', grant('a', 20_001)],
  ['the end of an attempt', { ...grant('a', 15_000), live: false }],
] as const)('%s is right', (_what, change) => {
  expect(drainViolations([change], [], DRAINED)).toEqual([]);
});

test('what is taken from others, or later, is no matter of the drain', () => {
  expect(drainViolations([], [taken('b', 15_000), taken('a', 20_001)], DRAINED)).toEqual([]);
});
