import { JOB_STATES, isTerminal, type JobState } from '@dibs/shared';
import type { JobFilter } from '../../api/jobs';

/** Groups of states as people ask for them. */
export const STATE_GROUPS = {
  all: { label: 'All', states: [] },
  active: { label: 'Active', states: JOB_STATES.filter((state) => !isTerminal(state)) },
  succeeded: { label: 'Succeeded', states: ['succeeded'] },
  failed: { label: 'Failed', states: ['failed', 'timed_out', 'lost', 'expired'] },
  canceled: { label: 'Canceled', states: ['canceled'] },
} as const satisfies Record<string, { label: string; states: readonly JobState[] }>;
export type StateGroup = keyof typeof STATE_GROUPS;

/** What the address bar says is shown. */
export interface JobView {
  readonly group: StateGroup;
  readonly q: string;
}

export function readJobView(search: URLSearchParams): JobView {
  const group = search.get('state') ?? 'all';
  return { group: group in STATE_GROUPS ? (group as StateGroup) : 'all', q: search.get('q') ?? '' };
}

export function jobViewPath({ group, q }: JobView): string {
  const search = new URLSearchParams();
  if (group !== 'all') search.set('state', group);
  if (q) search.set('q', q);
  return search.size > 0 ? `/jobs?${search.toString()}` : '/jobs';
}

export function toJobFilter({ group, q }: JobView): JobFilter {
  return { state: STATE_GROUPS[group].states.join(','), q };
}
