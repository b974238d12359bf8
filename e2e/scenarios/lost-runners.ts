import type { Scenario } from './scenario.js';

const TWO_RUNNERS = ['first', 'second'];

export const LOST_RUNNERS: readonly Scenario[] = [
  {
    name: 'kill -9 of the runner, onLost requeue: attempt 2 on another instance succeeds',
    runners: TWO_RUNNERS,
    work: [{ lines: 100, everyMs: 30 }],
    submit: { onLost: 'requeue', maxAttempts: 3 },
    faults: [{ printed: 10, then: { do: 'kill-runner-of-job' } }],
    expect: { state: 'succeeded', reason: 'completed', attempts: 2, overlapExcused: [1], lines: 100 },
  },
  {
    name: 'kill -9 of the runner, onLost fail: lost, with the reason',
    runners: TWO_RUNNERS,
    work: [{ lines: 100, everyMs: 30 }],
    submit: { onLost: 'fail' },
    faults: [{ printed: 10, then: { do: 'kill-runner-of-job' } }],
    expect: { state: 'lost', reason: 'lease_expired', attempts: 1 },
  },
  {
    name: 'SIGTERM drains: the job is finished first',
    runners: TWO_RUNNERS,
    work: [{ lines: 60, everyMs: 25 }],
    faults: [{ printed: 5, then: { do: 'drain-runner-of-job' } }],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 60 },
  },
];
