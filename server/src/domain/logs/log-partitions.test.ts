import { describe, expect, test } from '@jest/globals';
import { missingSpans, nameOfPartition, weekOfId, PARTITIONS_AHEAD_MS } from './log-partitions.js';

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);
/** A Saturday. */
const NOW = Date.parse('2026-11-21T12:30:00Z');
const told = (lastEndMs: number, days: number): string[] =>
  missingSpans(lastEndMs, NOW, days).map(
    ({ fromMs, toMs }) => `${new Date(fromMs).toISOString().slice(0, 10)}/${(toMs - fromMs) / 86_400_000}`,
  );

describe('the partitions that are missing', () => {
  test('begin on Mondays and reach two weeks ahead', () => {
    expect(told(0, 7)).toEqual(['2026-11-16/7', '2026-11-23/7', '2026-11-30/7']);
    expect(told(day('2026-11-30'), 7)).toEqual(['2026-11-30/7']);
    expect(told(NOW + PARTITIONS_AHEAD_MS, 7)).toEqual([]);
  });

  test('fill up to where one of the new length ends, when the length was changed', () => {
    expect(told(day('2026-12-03'), 7)).toEqual(['2026-12-03/4']);
    expect(told(day('2026-12-04'), 1)).toEqual(['2026-12-04/1', '2026-12-05/1']);
  });

  test('do not reach back over the time in which no server ran', () => {
    expect(told(day('2026-01-05'), 7)[0]).toBe('2026-11-16/7');
  });

  test('are named by their first day', () => {
    expect(nameOfPartition({ fromMs: day('2026-11-16'), toMs: 0 })).toBe('log_chunks_20261116');
  });
});

test('the week of an id holds it, whatever it is', () => {
  for (const id of [
    '01a1fe15-c12f-7abc-8def-0123456789ab',
    '00000000-0000-4000-8000-000000000000',
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  ]) {
    const [first, last] = weekOfId(id);
    expect(first <= id && id <= last).toBe(true);
  }
  const [first, last] = weekOfId('01a1fe15-c12f-7abc-8def-0123456789ab');
  expect(weekOfId(first)).toEqual([first, last]);
  expect(weekOfId(last)).toEqual([first, last]);
});
