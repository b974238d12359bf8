import type { JobState, TerminalJobState } from '@dibs/shared';

/**
 * The whole life of a job as data. Every conditional UPDATE of the repositories names the states it starts from;
 * a test compares them with this table.
 *
 * `claimed` never leads to `succeeded`: success demands a recorded step, and the first step makes the job `running`.
 * A job that fits a standing claim skips what it need not wait for: it is stored `claimed`, or `running` when its first
 * step needs no preparation and is recorded with the grant (`queued → running` is the same grant of a job that waited).
 * There are two ways back: `claimed|running → queued` is the requeue after a lost attempt, `claimed|running → waiting`
 * the pause before a job that failed by itself is tried again. A job that was fanned out never claims anything: it waits
 * for its children and ends as they did (`waiting → succeeded|failed`).
 */
export const JOB_TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>> = {
  waiting: ['queued', 'canceled', 'expired', 'succeeded', 'failed'],
  queued: ['claimed', 'running', 'canceled', 'expired'],
  claimed: ['running', 'queued', 'waiting', 'failed', 'canceled', 'timed_out', 'lost'],
  running: ['queued', 'waiting', 'succeeded', 'failed', 'canceled', 'timed_out', 'lost'],
  succeeded: [],
  failed: [],
  canceled: [],
  timed_out: [],
  lost: [],
  expired: [],
} satisfies Record<TerminalJobState, []> & Record<JobState, readonly JobState[]>;

export const INITIAL_JOB_STATES = ['waiting', 'queued', 'claimed', 'running'] as const satisfies readonly JobState[];

export function canBecome(from: JobState, to: JobState): boolean {
  return JOB_TRANSITIONS[from].includes(to);
}
