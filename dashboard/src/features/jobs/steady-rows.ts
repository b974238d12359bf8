import type { JobSummary } from '@dibs/shared';

export interface SteadyRows {
  readonly rows: readonly JobSummary[];
  /** Rows that are no longer among the matching ones, and stay until nobody looks at them any more. */
  readonly gone: ReadonlySet<string>;
  /** Newer jobs that are not shown yet. */
  readonly fresh: number;
}

/**
 * The rows as they stood, with what is known of them now; older ones that were loaded since follow at the end. So nothing
 * moves under the hand of somebody who is about to click.
 *
 * @param held null: nobody is at work on the rows, so they are the latest
 */
export function steadyRows(held: readonly JobSummary[] | null, latest: readonly JobSummary[]): SteadyRows {
  if (held === null) return { rows: latest, gone: new Set(), fresh: 0 };
  const now = new Map(latest.map((job) => [job.id, job]));
  const known = new Set(held.map(({ id }) => id));
  const last = held.at(-1)?.id;
  const added = latest.filter(({ id }) => !known.has(id));
  // ids are in the order of time
  const older = added.filter(({ id }) => last !== undefined && id < last);
  return {
    rows: [...held.map((job) => now.get(job.id) ?? job), ...older],
    gone: new Set(held.map(({ id }) => id).filter((id) => !now.has(id))),
    fresh: added.length - older.length,
  };
}
