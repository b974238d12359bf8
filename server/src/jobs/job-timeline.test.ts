import { describe, expect, test } from '@jest/globals';
import { JOB_EVENT_TYPES, type JobEventType } from '@dibs/shared';
import { toTimeline, type JobEventData } from './job-timeline.js';

const at = '2026-11-20T10:00:00.123+00:00';

function sentence(type: JobEventType, data: JobEventData): string {
  return toTimeline([{ at, type, attempt: 1, data }], ['build', 'test'])[0]?.text ?? '';
}

describe('the timeline', () => {
  test.each<[JobEventType, JobEventData, string]>([
    ['submitted', { by: 'ci', retryOf: null }, 'Submitted by ci.'],
    ['submitted', { by: 'ci', retryOf: '42' }, 'Submitted by ci as a retry of job 42.'],
    ['claimed', { runner: 'pool', instance: 'pool-0' }, 'Claimed by runner pool (instance pool-0).'],
    ['claimed', { runner: 'box', instance: 'box' }, 'Claimed by runner box.'],
    ['step_started', { step: 1 }, 'Step 2 "test" started.'],
    ['step_finished', { step: 0, state: 'failed', exitCode: 2, signal: null }, 'Step 1 "build" failed (exit code 2).'],
    ['step_finished', { step: 0, state: 'succeeded', exitCode: 0, signal: null }, 'Step 1 "build" succeeded.'],
    [
      'step_finished',
      { step: 0, state: 'failed', exitCode: null, signal: 'SIGKILL' },
      'Step 1 "build" failed (signal SIGKILL).',
    ],
    [
      'cancel_requested',
      { by: 'ann@example.com', mode: 'after_step' },
      'Cancel (after step) requested by ann@example.com.',
    ],
    [
      'requeued',
      { state: 'queued', reason: 'lease_expired' },
      'Back in the queue. The runner stopped renewing its lease.',
    ],
    ['finished', { state: 'succeeded', reason: 'completed' }, 'Finished: succeeded.'],
    [
      'finished',
      { state: 'timed_out', reason: 'job_timeout' },
      'Finished: timed out. The job ran longer than its timeout.',
    ],
  ])('%s', (type, data, text) => expect(sentence(type, data)).toBe(text));

  test.each(JOB_EVENT_TYPES)('has a whole sentence for %s when nothing is known', (type) => {
    expect(sentence(type, {})).toMatch(/^[A-Z].*\.$/);
    expect(sentence(type, {})).not.toMatch(/undefined|null/);
  });

  test('shows times in UTC', () => {
    expect(toTimeline([{ at: '2026-11-20T11:00:00+01:00', type: 'queued', attempt: null, data: {} }], [])[0]?.at).toBe(
      '2026-11-20T10:00:00.000Z',
    );
  });
});
