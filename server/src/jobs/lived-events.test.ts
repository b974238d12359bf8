import { describe, expect, test } from '@jest/globals';
import type { JobDetailRow } from './job-detail.js';
import type { JobEventRow } from './job-timeline.js';
import { timelineOf } from './lived-events.js';

const at = (second: number, ms = 0): string => new Date(Date.UTC(2026, 10, 21, 10, 0, second, ms)).toISOString();
const date = (second: number): Date => new Date(at(second));

const step = (attempt: number, number: number, startedAt: string | null, finishedAt: string | null) => ({
  ...{ attempt, step: number, state: 'succeeded', exitCode: 0, signal: null, startedAt, finishedAt },
});
const attempt = (number: number, claimedAt: string) => ({
  ...{ attempt: number, runnerId: 'r', runner: 'pool', instanceId: 'i', instance: 'pool-0', claimedAt },
  ...{ outcome: 'succeeded', reason: 'completed', exitCode: 0, finishedAt: null, lastSeq: 0, logComplete: true },
});
const row = (over: object): JobDetailRow =>
  ({
    ...{ state: 'queued', reason: null, attempt: 0, exit_code: null, submitted_by: 'ci', retry_of: null },
    ...{ created_at: date(0), queued_at: date(0), started_at: null, finished_at: null, steps: [], attempts: [] },
    ...over,
  }) as unknown as JobDetailRow;
const stored = (type: JobEventRow['type'], when: string, number: number | null, data = {}): JobEventRow => ({
  ...{ at: when, type, attempt: number, data },
});
const tell = (job: JobDetailRow, events: readonly JobEventRow[] = []): string[] =>
  timelineOf(job, events).map((event) => {
    const { step: number } = event.data;
    return [event.type, event.attempt ?? '-', ...(number === undefined ? [] : [number])].join(' ');
  });

const succeeded = {
  ...{ state: 'succeeded', reason: 'completed', exit_code: 0, attempt: 1 },
  ...{ started_at: date(2), finished_at: date(6) },
  attempts: [attempt(1, at(1))],
  steps: [step(1, 0, at(2), at(4)), step(1, 1, at(4), at(5))],
};
const LIFE = [
  'submitted -',
  'queued -',
  'claimed 1',
  'started 1',
  'step_started 1 0',
  'step_finished 1 0',
  'step_started 1 1',
  'step_finished 1 1',
  'finished 1',
];

describe('the time line read from rows', () => {
  test('tells the whole life of a job without any event', () => {
    expect(tell(row(succeeded))).toEqual(LIFE);
  });

  test('tells causes before effects when everything happens in one millisecond', () => {
    const at0 = at(0);
    const steps = [step(1, 0, at0, at0), step(1, 1, at0, at0)];
    const fast = { ...succeeded, started_at: date(0), finished_at: date(0), attempts: [attempt(1, at0)], steps };
    expect(tell(row(fast))).toEqual(LIFE);
  });

  test('says nothing twice that an older release has written down', () => {
    const events = timelineOf(row(succeeded), []);
    expect(tell(row(succeeded), events)).toEqual(LIFE);
  });

  test('leaves out what has not happened', () => {
    expect(tell(row({ state: 'waiting', queued_at: null }))).toEqual(['submitted -']);
    expect(tell(row({}))).toEqual(['submitted -', 'queued -']);
    expect(tell(row({ state: 'running', attempt: 1, started_at: date(1), attempts: [attempt(1, at(1))] }))).toEqual([
      ...['submitted -', 'queued -', 'claimed 1', 'started 1'],
    ]);
  });

  test('keeps a requeue between two attempts, and the first time in the queue', () => {
    const job = row({
      ...succeeded,
      ...{
        attempt: 2,
        queued_at: date(3),
        started_at: date(3),
        steps: [step(1, 0, at(2), at(3)), step(2, 0, at(3), at(4))],
      },
      attempts: [attempt(1, at(1)), attempt(2, at(3))],
    });
    const told = tell(job, [stored('requeued', at(3), 1)]);
    expect(told).toEqual([
      ...['submitted -', 'queued -', 'claimed 1', 'started 1', 'step_started 1 0', 'step_finished 1 0', 'requeued 1'],
      ...['claimed 2', 'started 2', 'step_started 2 0', 'step_finished 2 0', 'finished 2'],
    ]);
    expect(timelineOf(job, [stored('requeued', at(3), 1)])[1]!.at).toBe(at(0));
  });

  test('shows when a job that had to wait was let in, also after it was tried again', () => {
    const job = row({ ...succeeded, queued_at: date(9) });
    expect(tell(job, [stored('queued', at(1), null), stored('queued', at(9), null)]).slice(0, 3)).toEqual([
      ...['submitted -', 'queued -', 'claimed 1'],
    ]);
    expect(tell(job, [stored('queued', at(9), null)]).filter((line) => line === 'queued -')).toHaveLength(2);
  });

  test('ends with the end of a job that nobody ever claimed', () => {
    const canceled = row({ state: 'canceled', reason: 'canceled', finished_at: date(1) });
    expect(tell(canceled, [stored('cancel_requested', at(1), null)])).toEqual([
      ...['submitted -', 'queued -', 'cancel_requested -', 'finished -'],
    ]);
  });
});
