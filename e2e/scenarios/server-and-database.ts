import type { Scenario } from './scenario.js';

/** A server takes seconds to come back; the lease must outlive that as the real one of 60 s does. */
const LONG_LEASE = { timeScale: 0.3 };

export const SERVER_AND_DATABASE: readonly Scenario[] = [
  {
    name: 'kill -9 of the server in mid-job: the same attempt goes on, the log is complete',
    installation: LONG_LEASE,
    work: [{ lines: 300, everyMs: 20 }],
    faults: [
      { printed: 30, then: { do: 'kill-server' } },
      { printed: 90, then: { do: 'restart-server' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 300 },
  },
  {
    name: 'the job ends while the server is dead: the result waits for it',
    installation: LONG_LEASE,
    work: [{ lines: 50, everyMs: 10 }],
    faults: [
      { printed: 10, then: { do: 'kill-server' } },
      { printed: 50, then: { do: 'restart-server' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 50 },
  },
  {
    name: 'PostgreSQL restarted immediately in mid-job: nothing acknowledged is lost',
    installation: { ...LONG_LEASE, ownDatabase: true },
    work: [{ lines: 300, everyMs: 20 }],
    faults: [
      { printed: 30, then: { do: 'crash-database' } },
      { printed: 150, then: { do: 'crash-database' } },
    ],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 300 },
  },
];
