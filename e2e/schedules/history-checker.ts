import { isTerminal, type JobState } from '@dibs/shared';
import type { Change } from './witness.js';

/** As the design tells it, written down a second time: the product's own table is what is being judged. */
const NEXT: Readonly<Record<JobState | 'new', readonly JobState[]>> = {
  new: ['waiting', 'queued', 'claimed', 'running'],
  waiting: ['queued', 'claimed', 'running', 'canceled', 'expired', 'failed', 'succeeded', 'lost'],
  queued: ['claimed', 'running', 'canceled', 'expired', 'waiting'],
  claimed: ['running', 'queued', 'waiting', 'succeeded', 'failed', 'canceled', 'timed_out', 'lost'],
  running: ['queued', 'waiting', 'succeeded', 'failed', 'canceled', 'timed_out', 'lost'],
  succeeded: [],
  failed: [],
  canceled: [],
  timed_out: [],
  lost: [],
  expired: [],
};

/** I1, I6 and I12, by what the database wrote down of every row. @returns one sentence per violation */
export function historyViolations(changes: readonly Change[]): string[] {
  const found: string[] = [];
  for (const [job, history] of byJob(changes)) {
    found.push(...states(job, history), ...attempts(job, history));
  }
  return found;
}

/** At most `limit` jobs of one group queued or under way at any time. */
export function groupViolations(
  changes: readonly Change[],
  groupOf: ReadonlyMap<string, string>,
  limit: number,
): string[] {
  const inside = new Map<string, Set<string>>();
  const found = new Set<string>();
  for (const { job, after } of changes) {
    const group = groupOf.get(job);
    if (group === undefined || after === null) continue;
    const members = inside.get(group) ?? new Set();
    inside.set(group, members);
    if (after === 'queued' || after === 'claimed' || after === 'running') members.add(job);
    else members.delete(job);
    if (members.size > limit) found.add(`group ${group}: ${members.size} jobs at a time, ${limit} are allowed`);
  }
  return [...found];
}

function states(job: string, history: readonly Change[]): string[] {
  const found: string[] = [];
  let state: JobState | 'new' = 'new';
  for (const { before, after } of history) {
    if (after === null) continue;
    if ((before ?? 'new') !== state) found.push(`I12: job ${job} went on from ${before}, but it was ${state}`);
    if (after !== state && !NEXT[state].includes(after)) {
      const rule = state !== 'new' && isTerminal(state) ? 'I6' : 'I12';
      found.push(`${rule}: job ${job} went from ${state} to ${after}`);
    }
    state = after;
  }
  return found;
}

function attempts(job: string, history: readonly Change[]): string[] {
  const found: string[] = [];
  const live = new Set<number>();
  let last = 0;
  for (const { attempt, live: isLive } of history) {
    if (isLive === null) continue;
    if (!isLive) live.delete(attempt);
    else {
      if (attempt !== last + 1) found.push(`I1: job ${job} was claimed as attempt ${attempt} after ${last}`);
      last = Math.max(last, attempt);
      live.add(attempt);
      if (live.size > 1) found.push(`I1: job ${job} has live claims ${[...live].join(' and ')} at once`);
    }
  }
  return found;
}

function byJob(changes: readonly Change[]): Map<string, Change[]> {
  const jobs = new Map<string, Change[]>();
  for (const change of changes) jobs.set(change.job, [...(jobs.get(change.job) ?? []), change]);
  return jobs;
}
