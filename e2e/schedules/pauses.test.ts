import { expect, test } from '@jest/globals';
import { pauseViolations } from './pauses.js';
import type { Change } from './witness.js';

const HELD = [{ what: 'lane x', covers: (job: string) => job === 'held', fromMs: 10_000, untilMs: 20_000 }];
const grant = (job: string, atMs: number): Change => ({
  ...{ id: 1, job, parent: null, before: null, after: null },
  ...{ attempt: 1, live: true, instance: 'a', atMs },
});

test('a job that is given away during a pause is found', () => {
  expect(pauseViolations([grant('held', 15_000)], HELD, [])).toEqual([expect.stringMatching(/^pause: job held/)]);
});

test.each([
  ['another job', grant('free', 15_000), []],
  ['one that was on its way', grant('held', 10_500), []],
  ['one after the lift', grant('held', 20_001), []],
  ['one by a server that was thawed a moment ago', grant('held', 15_000), [14_500]],
  ['the end of an attempt', { ...grant('held', 15_000), live: false }, []],
] as const)('%s is right', (_what, change, disturbed) => {
  expect(pauseViolations([change], HELD, disturbed)).toEqual([]);
});
