import { describe, expect, test } from '@jest/globals';
import { JOB_STATES } from '@dibs/shared';
import {
  countMore,
  EVERY_JOB,
  jobViewPath,
  jobViewQuery,
  readJobView,
  STATE_GROUPS,
  toJobFilter,
  type JobView,
} from './job-filter';

const read = (query: string): JobView => readJobView(new URLSearchParams(query));

describe('the view that an address names', () => {
  test('is the same after it went through the address', () => {
    const view: JobView = { ...EVERY_JOB, group: 'failed', q: 'a & b', runner: 'pool', module: 'x/y/z', since: '1h' };
    expect(read(jobViewQuery(view))).toEqual(view);
    expect(jobViewPath(EVERY_JOB)).toBe('/jobs');
  });

  test('ignores what the page does not know', () => {
    expect(read('state=constructor&since=forever&color=red')).toEqual({ ...EVERY_JOB });
  });

  test('asks for a period, or for two moments, never for both', () => {
    const moments = { from: '2026-11-21T10:00', to: '2026-11-21T11:00' };
    expect(toJobFilter({ ...EVERY_JOB, ...moments, since: '24h' })).toMatchObject({
      withinSeconds: 86_400,
      from: '',
      to: '',
    });
    const { from, to, withinSeconds } = toJobFilter({ ...EVERY_JOB, ...moments });
    expect([Date.parse(to) - Date.parse(from), withinSeconds]).toEqual([3_600_000, null]);
    expect(toJobFilter({ ...EVERY_JOB, from: 'yesterday' }).from).toBe('');
    expect(countMore({ ...EVERY_JOB, ...moments, runner: 'pool' })).toBe(2);
  });
});

test('every state is in one of the groups that are no sum of others', () => {
  const { all: _all, active, ...groups } = STATE_GROUPS;
  expect(Object.values(groups).flatMap(({ states }) => states as readonly string[])).toHaveLength(JOB_STATES.length);
  expect(new Set(Object.values(groups).flatMap(({ states }) => states as readonly string[]))).toEqual(
    new Set(JOB_STATES),
  );
  expect([...groups.queued.states, ...groups.running.states]).toEqual(active.states);
});
