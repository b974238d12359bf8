import { JOB_STATES, isTerminal, type JobState } from '@dibs/shared';
import type { JobFilter } from '../../api/jobs';

/** Groups of states as people ask for them. */
export const STATE_GROUPS = {
  all: { label: 'All', states: [] },
  active: { label: 'Active', states: JOB_STATES.filter((state) => !isTerminal(state)) },
  queued: { label: 'Queued', states: ['waiting', 'queued'] },
  running: { label: 'Running', states: ['claimed', 'running'] },
  succeeded: { label: 'Succeeded', states: ['succeeded'] },
  failed: { label: 'Failed', states: ['failed', 'timed_out', 'lost', 'expired'] },
  canceled: { label: 'Canceled', states: ['canceled'] },
} as const satisfies Record<string, { label: string; states: readonly JobState[] }>;
export type StateGroup = keyof typeof STATE_GROUPS;

/** Stretches of time that end now. */
export const PERIODS = {
  '15m': { label: 'the last 15 minutes', seconds: 900 },
  '1h': { label: 'the last hour', seconds: 3_600 },
  '24h': { label: 'the last 24 hours', seconds: 86_400 },
  '7d': { label: 'the last 7 days', seconds: 604_800 },
} as const;
export type Period = keyof typeof PERIODS;

/** What the address bar says is shown. '' is: whichever. */
export interface JobView {
  readonly group: StateGroup;
  readonly q: string;
  readonly runner: string;
  readonly module: string;
  readonly since: Period | '';
  /** As `datetime-local` has it, in the reader's zone. They count where there is no period. */
  readonly from: string;
  readonly to: string;
}

export const EVERY_JOB: JobView = { group: 'all', q: '', runner: '', module: '', since: '', from: '', to: '' };

const WORDS = ['q', 'runner', 'module', 'from', 'to'] as const;

export function readJobView(search: URLSearchParams): JobView {
  const [group, since] = [search.get('state') ?? 'all', search.get('since') ?? ''];
  return {
    ...EVERY_JOB,
    ...Object.fromEntries(WORDS.map((name) => [name, search.get(name) ?? ''])),
    group: Object.hasOwn(STATE_GROUPS, group) ? (group as StateGroup) : 'all',
    since: Object.hasOwn(PERIODS, since) ? (since as Period) : '',
  };
}

export function jobViewQuery(view: JobView): string {
  const search = new URLSearchParams();
  if (view.group !== 'all') search.set('state', view.group);
  if (view.since) search.set('since', view.since);
  for (const name of WORDS) if (view[name]) search.set(name, view[name]);
  return search.toString();
}

export function jobViewPath(view: JobView): string {
  const query = jobViewQuery(view);
  return query === '' ? '/jobs' : `/jobs?${query}`;
}

/** How many of the filters that are folded away are in use. */
export function countMore({ runner, module, since, from, to }: JobView): number {
  return [runner, module, since || from || to].filter((part) => part !== '').length;
}

export function toJobFilter({ group, q, runner, module, since, from, to }: JobView): JobFilter {
  return {
    state: STATE_GROUPS[group].states.join(','),
    q,
    runner,
    module,
    withinSeconds: since ? PERIODS[since].seconds : null,
    from: since ? '' : toMoment(from),
    to: since ? '' : toMoment(to),
  };
}

/** @returns '' for what is no moment (yet) */
function toMoment(local: string): string {
  const at = Date.parse(local);
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
