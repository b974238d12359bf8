import { isTerminal, type JobSummary } from '@dibs/shared';
import type { Change } from './witness.js';

/** At most so many children of one parent are under way, and none of them moves after its parent has ended. */
export function fanOutHistoryViolations(
  changes: readonly Change[],
  batchSizeOf: ReadonlyMap<string, number | null>,
): string[] {
  const found = new Set<string>();
  const open = new Map<string, Set<string>>();
  const ended = new Set<string>();
  for (const { job, parent, after } of changes) {
    if (after === null) continue;
    if (parent === null) {
      if (isTerminal(after)) ended.add(job);
      continue;
    }
    if (ended.has(parent)) found.add(`fan-out: child ${job} became ${after} after its parent ${parent} had ended`);
    const batch = open.get(parent) ?? new Set();
    open.set(parent, batch);
    if (after === 'queued' || after === 'claimed' || after === 'running') batch.add(job);
    else batch.delete(job);
    const limit = batchSizeOf.get(parent) ?? Infinity;
    if (batch.size > limit) found.add(`fan-out: parent ${parent} has ${batch.size} children under way, not ${limit}`);
  }
  return [...found];
}

/** Once everything has ended: one child for each instance, run there and nowhere else, and a roll-up that is true. */
export function fanOutViolations(jobs: readonly JobSummary[]): string[] {
  const families = new Map<string, JobSummary[]>();
  for (const job of jobs) {
    if (job.parentId) families.set(job.parentId, [...(families.get(job.parentId) ?? []), job]);
  }
  return jobs.flatMap((parent) => {
    const children = families.get(parent.id);
    return children ? familyViolations(parent, children) : [];
  });
}

function familyViolations(parent: JobSummary, children: readonly JobSummary[]): string[] {
  const found: string[] = [];
  const instances = children.map(({ forInstance }) => `${forInstance?.runner}/${forInstance?.instance}`);
  if (new Set(instances).size < instances.length) found.push(`is for ${instances.join(', ')}`);
  for (const { id, claimedBy, forInstance } of children) {
    if (claimedBy && claimedBy.instance !== forInstance?.instance)
      found.push(`child ${id} for ${forInstance?.instance} ran on ${claimedBy.instance}`);
  }
  const haveAllSucceeded = children.every(({ state }) => state === 'succeeded');
  if (parent.state === 'succeeded' && !haveAllSucceeded) found.push('succeeded, but not every child did');
  if (parent.state === 'failed' && haveAllSucceeded) found.push('failed, but every child succeeded');
  return found.map((what) => `fan-out: job ${parent.id} ${what}`);
}
