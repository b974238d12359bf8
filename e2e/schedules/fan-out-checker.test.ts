import { expect, test } from '@jest/globals';
import type { JobState, JobSummary } from '@dibs/shared';
import { fanOutHistoryViolations, fanOutViolations } from './fan-out-checker.js';
import type { Change } from './witness.js';

const became = (job: string, after: JobState, parent: string | null = 'p'): Change => ({
  ...{ id: 1, job, parent, before: null, after },
  ...{ attempt: 0, live: null, instance: null, atMs: 0 },
});
const inTurn = [became('a', 'queued'), became('b', 'waiting'), became('a', 'succeeded'), became('b', 'running')];
const ended = [...inTurn, became('b', 'failed'), became('p', 'failed', null)];

test('children in their turn are right; one too many, or one that moves later, is found', () => {
  const limit = new Map([['p', 1]]);
  expect(fanOutHistoryViolations(ended, limit)).toEqual([]);
  expect(fanOutHistoryViolations([became('a', 'queued'), became('b', 'queued')], limit)).toHaveLength(1);
  expect(fanOutHistoryViolations([...ended, became('b', 'queued')], limit)).toHaveLength(1);
});

function job(id: string, state: JobState, instance?: string, ranOn = instance): JobSummary {
  const child = { parentId: 'p', forInstance: { runner: 'r', instance }, claimedBy: { instance: ranOn } };
  return { id, state, ...(instance ? child : { parentId: null, claimedBy: null }) } as unknown as JobSummary;
}

test.each<[string, readonly JobSummary[], number]>([
  ['one child for each instance', [job('p', 'succeeded'), job('a', 'succeeded', 'i'), job('b', 'succeeded', 'j')], 0],
  ['two for one instance', [job('p', 'succeeded'), job('a', 'succeeded', 'i'), job('b', 'succeeded', 'i')], 1],
  ['one that ran elsewhere', [job('p', 'succeeded'), job('a', 'succeeded', 'i', 'j')], 1],
  ['success with a child that failed', [job('p', 'succeeded'), job('a', 'failed', 'i')], 1],
  ['failure of nobody', [job('p', 'failed'), job('a', 'succeeded', 'i')], 1],
])('%s', (_what, jobs, count) => {
  expect(fanOutViolations(jobs)).toHaveLength(count);
});
