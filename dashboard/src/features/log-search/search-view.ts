import type { LogsFilter } from '../../api/log-search';
import { STATE_GROUPS, type StateGroup } from '../jobs/job-filter';

/** When the job was submitted. */
export const PERIODS = {
  any: { label: 'Any time', minutes: null },
  '1h': { label: 'The last hour', minutes: 60 },
  '24h': { label: 'The last 24 hours', minutes: 24 * 60 },
  '7d': { label: 'The last 7 days', minutes: 7 * 24 * 60 },
  '30d': { label: 'The last 30 days', minutes: 30 * 24 * 60 },
} as const satisfies Record<string, { label: string; minutes: number | null }>;
export type Period = keyof typeof PERIODS;

/** What the address says is searched for. */
export interface SearchView {
  readonly q: string;
  readonly isCaseSensitive: boolean;
  readonly group: StateGroup;
  readonly period: Period;
  readonly runner: string;
  /** Part of the job's name. */
  readonly job: string;
  /** Id of a stack, namespace or module. */
  readonly scope: string;
}

export function readSearchView(search: URLSearchParams): SearchView {
  const [group, period] = [search.get('state') ?? 'all', search.get('period') ?? 'any'];
  return {
    q: search.get('q') ?? '',
    isCaseSensitive: search.get('case') === 'true',
    group: group in STATE_GROUPS ? (group as StateGroup) : 'all',
    period: period in PERIODS ? (period as Period) : 'any',
    runner: search.get('runner') ?? '',
    job: search.get('job') ?? '',
    scope: search.get('scope') ?? '',
  };
}

export function searchPath({ q, isCaseSensitive, group, period, runner, job, scope }: SearchView): string {
  const search = new URLSearchParams();
  const set = (name: string, value: string): void => {
    if (value !== '') search.set(name, value);
  };
  set('q', q);
  set('case', isCaseSensitive ? 'true' : '');
  set('state', group === 'all' ? '' : group);
  set('period', period === 'any' ? '' : period);
  set('runner', runner);
  set('job', job);
  set('scope', scope);
  return search.size > 0 ? `/logs?${search.toString()}` : '/logs';
}

/** To the minute, so that drawing the page anew is no new question. */
export function toLogsFilter(view: SearchView, nowMs: number): LogsFilter {
  const { q, isCaseSensitive, group, period, runner, job, scope } = view;
  const { minutes } = PERIODS[period];
  const state = STATE_GROUPS[group].states.join(',');
  const from = minutes === null ? '' : new Date((Math.floor(nowMs / 60_000) - minutes) * 60_000).toISOString();
  return { q, caseSensitive: isCaseSensitive ? 'true' : '', state, runner, job, scope, from };
}
