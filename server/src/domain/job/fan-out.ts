import type { JobReason, JobSpec, JobState } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';

/** An instance of a runner that matches the job, by the names that pin a job to it. */
export interface FanOutTarget {
  readonly runner: string;
  readonly instance: string;
}

/** How many children there are in each state; a state without any may be missing. */
export type ChildrenByState = Readonly<Partial<Record<JobState, number>>>;

/** `wait`: so many of the children that wait for their turn may begin now. */
export type FanOutStep =
  | { readonly kind: 'wait'; readonly release: number }
  | {
      readonly kind: 'end';
      readonly state: 'succeeded' | 'failed' | 'canceled';
      readonly reason: Extract<JobReason, 'completed' | 'child_failed' | 'no_matching_instance' | 'canceled'>;
    };

/** A job that is to be fanned out waits for its children and never claims a slot; null: an ordinary job. */
export function fanOutInitialState(
  spec: Pick<JobSpec, 'fanOut'>,
): { readonly state: 'waiting'; readonly reason: 'fan_out' } | null {
  return spec.fanOut === null ? null : { state: 'waiting', reason: 'fan_out' };
}

/**
 * The spec of the child on one instance. What limits the whole (its concurrency group, the fan-out itself) applies to
 * the parent only: a child that waited for a group its own parent holds would wait for ever.
 */
export function childSpec(parent: JobSpec, { runner, instance }: FanOutTarget): JobSpec {
  return { ...parent, runner, instance, fanOut: null, concurrency: null };
}

/**
 * What a fan-out does next, given what its children are doing. `waitingForTurn` counts those that were made but may
 * not begin yet; they are `waiting` in `byState` too.
 */
export function nextFanOutStep(
  byState: ChildrenByState,
  waitingForTurn: number,
  { batchSize, cancelRequested }: { readonly batchSize: number | null; readonly cancelRequested: boolean },
): FanOutStep {
  const counts = Object.entries(byState) as [JobState, number][];
  const total = sum(counts);
  const unfinished = sum(counts.filter(([state]) => !isTerminal(state)));
  if (unfinished > 0) {
    const room = batchSize === null ? waitingForTurn : batchSize - (unfinished - waitingForTurn);
    return { kind: 'wait', release: cancelRequested ? 0 : Math.max(0, Math.min(room, waitingForTurn)) };
  }
  if (cancelRequested) return { kind: 'end', state: 'canceled', reason: 'canceled' };
  if (total === 0) return { kind: 'end', state: 'failed', reason: 'no_matching_instance' };
  const allSucceeded = (byState.succeeded ?? 0) === total;
  return allSucceeded
    ? { kind: 'end', state: 'succeeded', reason: 'completed' }
    : { kind: 'end', state: 'failed', reason: 'child_failed' };
}

function sum(counts: readonly (readonly [JobState, number])[]): number {
  return counts.reduce((total, [, count]) => total + count, 0);
}
