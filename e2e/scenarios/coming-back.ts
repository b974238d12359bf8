import { ROBUST, type Scenario } from './scenario.js';

export const COMING_BACK: readonly Scenario[] = [
  {
    name: 'kill -9 of the runner, which comes back at once: it reports its own restart, and its leftovers are ended',
    installation: ROBUST,
    work: [{ lines: 200, everyMs: 30 }],
    submit: { onLost: 'fail' },
    faults: [{ printed: 10, then: { do: 'kill-runner-of-job' } }, { then: { do: 'restart-killed-runner' } }],
    expect: { state: 'lost', reason: 'runner_restarted', attempts: 1 },
  },
  {
    name: 'kill -9 of the server in mid-job: the same attempt goes on, the log is complete',
    installation: ROBUST,
    work: [{ lines: 300, everyMs: 20 }],
    faults: [
      { printed: 30, then: { do: 'kill-server' } },
      { printed: 90, then: { do: 'restart-server' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 300 },
  },
  {
    name: 'the job ends while the server is dead: the result waits for it',
    installation: ROBUST,
    work: [{ lines: 50, everyMs: 10 }],
    faults: [
      { printed: 10, then: { do: 'kill-server' } },
      { printed: 50, then: { do: 'restart-server' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 50 },
  },
  {
    name: 'PostgreSQL restarted immediately in mid-job: nothing acknowledged is lost',
    installation: ROBUST,
    work: [{ lines: 300, everyMs: 20 }],
    faults: [
      { printed: 30, then: { do: 'crash-database' } },
      { printed: 150, then: { do: 'crash-database' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 300 },
  },
];
