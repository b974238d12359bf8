/** The life of a job. Which step leads where is the transition table in server/src/domain/job/job-state-machine.ts. */
export const JOB_STATES = [
  'waiting',
  'queued',
  'claimed',
  'running',
  'succeeded',
  'failed',
  'canceled',
  'timed_out',
  'lost',
  'expired',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const TERMINAL_JOB_STATES = ['succeeded', 'failed', 'canceled', 'timed_out', 'lost', 'expired'] as const;
export type TerminalJobState = (typeof TERMINAL_JOB_STATES)[number];

export function isTerminal(state: JobState): state is TerminalJobState {
  return (TERMINAL_JOB_STATES as readonly JobState[]).includes(state);
}

/** What became of one step of one attempt. `skipped`: an earlier step failed or the job was canceled before it. */
export const STEP_STATES = ['pending', 'running', 'succeeded', 'failed', 'canceled', 'timed_out', 'skipped'] as const;
export type StepState = (typeof STEP_STATES)[number];
