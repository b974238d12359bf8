import type { InstanceId, JobId, RunnerId } from '../ids.js';
import type { JobState } from '../job/job-state.js';
import type { ClaimedBy } from './jobs.js';

export const EXPLAIN_VERDICTS = [
  'running',
  'starting',
  'ended',
  'can_start_now',
  'waiting_for_slot',
  'waiting_for_runner',
  'no_runner_matches',
  'held_by_pause',
  'concurrency_group',
  'quota',
  'retry_backoff',
  'fan_out',
  'fan_out_turn',
] as const;
/** What a job waits for, as a stable code. `no_runner_matches`: for ever, unless somebody does something about it. */
export type ExplainVerdict = (typeof EXPLAIN_VERDICTS)[number];

/** What holds a job back whichever runner is free. */
export const HELD_BACK_VERDICTS: ReadonlySet<ExplainVerdict> = new Set([
  'held_by_pause',
  'concurrency_group',
  'quota',
  'retry_backoff',
  'fan_out_turn',
]);

/** The first rule that keeps an instance from taking a job, those that last before those that pass. */
export const EXPLAIN_RULES = [
  'executor_missing',
  'other_runner',
  'other_instance',
  'not_assigned',
  'slots_too_few',
  'tool_missing',
  'tool_version',
  'label_mismatch',
  'runner_disabled',
  'never_connected',
  'offline',
  'draining',
  'paused',
  'stopped',
  'unresponsive',
  'no_free_slot',
] as const;
export type ExplainRule = (typeof EXPLAIN_RULES)[number];

/** `GET /api/v1/jobs/{id}/explain`, and `POST /api/v1/jobs/explain` for a job that is not submitted. */
export interface JobExplanation {
  /** null: nothing was submitted. */
  readonly jobId: JobId | null;
  readonly state: JobState | null;
  readonly verdict: ExplainVerdict;
  /** One plain sentence, two at most. */
  readonly summary: string;
  /** Fingerprint of the lane: jobs with the same requirements share it, and so do pauses. */
  readonly lane: string;
  /** Jobs that go first: of its lane while it is queued, of its concurrency group while it waits for that. */
  readonly queue: AtMostCount | null;
  readonly claimedBy: ClaimedBy | null;
  /** The most useful first; empty once the job was given to a runner, or to its children. */
  readonly runners: readonly RunnerExplanation[];
  /** How many instances (or records without any) each rule says no to, over all of them. */
  readonly rules: readonly { readonly rule: ExplainRule; readonly count: number }[];
  /** Over all of them, listed or not. */
  readonly canTakeNow: number;
  /** Runners and instances that are not in `runners`. */
  readonly notListed: number;
  /** null: it is not fanned out. */
  readonly fanOut: ExplainedFanOut | null;
  readonly pauses: readonly ExplainedPause[];
  readonly concurrency: ExplainedGroup | null;
  readonly quota: { readonly limit: number; readonly used: number } | null;
  /** When it is looked at again by itself (the pause before another try). */
  readonly wakeAt: string | null;
  /** When it expires if nobody has taken it by then. */
  readonly queueExpiresAt: string | null;
}

/** Counting stops somewhere: `more` says that there are more than `count`. */
export interface AtMostCount {
  readonly count: number;
  readonly more: boolean;
}

/** One instance, or a runner record that has none. */
export interface RunnerExplanation {
  readonly runnerId: RunnerId;
  readonly runner: string;
  readonly instanceId: InstanceId | null;
  readonly instance: string | null;
  readonly online: boolean;
  /** null: nothing about it says no. It can take the job now, unless that is held back whoever is free. */
  readonly rule: ExplainRule | null;
  /** Whether a fan-out makes a child for it, which waits where `rule` says no; null: the job is not fanned out. */
  readonly getsChild: boolean | null;
  /** One plain sentence. */
  readonly text: string;
}

export interface ExplainedPause {
  readonly target: 'server' | 'organization' | 'lane' | 'runner';
  /** Name of the runner; null for everything else. */
  readonly runner: string | null;
  readonly note: string;
  /** null: not told, because it is nobody of this organization. */
  readonly who: string | null;
  readonly since: string;
}

/** What a fan-out has made, or would make now; in the words of the roll-up of its page (`children` of the job). */
export interface ExplainedFanOut {
  /** How many children: one for each instance that matches. */
  readonly total: number;
  /** How many may be unfinished at a time; null: all. */
  readonly batchSize: number | null;
  /** Instances that match but are offline or draining, and are left out: as `runner/instance`. */
  readonly skipped: readonly string[];
}

/** The concurrency group of the job. */
export interface ExplainedGroup {
  readonly key: string;
  readonly limit: number;
  /** How many of its jobs are queued or run. */
  readonly active: AtMostCount;
  /** The oldest of these. */
  readonly heldBy: readonly { readonly id: JobId; readonly name: string; readonly state: JobState }[];
}
