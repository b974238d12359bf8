import type { JobState, TerminalJobState } from '@dibs/shared';

/**
 * The whole life of a job as data. Every conditional UPDATE of the repositories names the states it starts from;
 * a test compares them with this table.
 *
 * `claimed` never leads to `succeeded`: success demands a recorded step, and the first step makes the job `running`.
 * `claimed|running → queued` is the requeue after a lost attempt, the only way back.
 */
export const JOB_TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>> = {
  waiting: ['queued', 'canceled', 'expired'],
  queued: ['claimed', 'canceled', 'expired'],
  claimed: ['running', 'queued', 'failed', 'canceled', 'timed_out', 'lost'],
  running: ['queued', 'succeeded', 'failed', 'canceled', 'timed_out', 'lost'],
  succeeded: [],
  failed: [],
  canceled: [],
  timed_out: [],
  lost: [],
  expired: [],
} satisfies Record<TerminalJobState, []> & Record<JobState, readonly JobState[]>;

export const INITIAL_JOB_STATES = ['waiting', 'queued'] as const satisfies readonly JobState[];

export function canBecome(from: JobState, to: JobState): boolean {
  return JOB_TRANSITIONS[from].includes(to);
}
