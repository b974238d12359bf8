import type { Scenario } from './scenario.js';

export const PLAIN: readonly Scenario[] = [
  {
    name: 'three steps, each prints, all succeed',
    work: [{ lines: 3 }, { lines: 200 }, { lines: 1 }],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 204 },
  },
  {
    name: 'a step that fails ends the job with its exit code, and the next step never runs',
    work: [{ lines: 2 }, { lines: 2, exitCode: 3 }, { lines: 2 }],
    expect: { state: 'failed', reason: 'step_failed', attempts: 1, lines: 4 },
  },
  {
    name: 'a step over its timeout is ended',
    work: [{ lines: 1, holdMs: 60_000 }],
    submit: { timeoutSeconds: 600 },
    expect: { state: 'timed_out', reason: 'step_timeout', attempts: 1 },
  },
  {
    name: 'a job over its timeout is ended, whichever step it is in',
    work: [{ lines: 1 }, { lines: 1, holdMs: 60_000 }],
    submit: { timeoutSeconds: 2 },
    expect: { state: 'timed_out', reason: 'job_timeout', attempts: 1 },
  },
  {
    name: 'a cancel ends the running step',
    work: [{ lines: 100, everyMs: 50 }, { lines: 1 }],
    faults: [{ printed: 5, then: { do: 'cancel', mode: 'graceful' } }],
    expect: { state: 'canceled', reason: 'canceled', attempts: 1 },
  },
  {
    name: 'a cancel after the step lets the step finish and starts no other',
    work: [{ lines: 40, everyMs: 25 }, { lines: 1 }],
    faults: [{ printed: 5, then: { do: 'cancel', mode: 'after_step' } }],
    expect: { state: 'canceled', reason: 'canceled', attempts: 1, lines: 40 },
  },
];
