import { describe, expect, test } from '@jest/globals';
import { HOUR_MS, hourOf, logFloorMs } from './log-floor.js';

const at = (text: string): number => Date.parse(`${text}Z`);
const nowMs = at('2026-11-21T12:30:00');
const partitions = [
  { fromMs: 0, toMs: at('2026-11-02T00:00') },
  { fromMs: at('2026-11-02T00:00'), toMs: at('2026-11-09T00:00') },
  { fromMs: at('2026-11-09T00:00'), toMs: at('2026-11-23T00:00') },
];
const floor = (days: number | null, tooMuchBeforeMs: number | null = null): number =>
  logFloorMs({ nowMs, days, tooMuchBeforeMs, partitions });

describe('up to when logs go', () => {
  test('nowhere, while nothing is set', () => expect(floor(null)).toBe(0));

  test('by age to the beginning of a partition, so that no log goes early', () => {
    expect(floor(14)).toBe(at('2026-11-02T00:00'));
    expect(floor(12)).toBe(at('2026-11-09T00:00'));
    expect(floor(30)).toBe(0);
  });

  test('by age alone where there is no partition', () => {
    const lone = logFloorMs({ nowMs, days: 1, tooMuchBeforeMs: null, partitions: [] });
    expect(lone).toBe(nowMs - 24 * HOUR_MS);
  });

  test('by size to the hour, but not into the last one', () => {
    expect(floor(14, at('2026-11-20T03:00'))).toBe(at('2026-11-20T03:00'));
    expect(floor(null, nowMs)).toBe(at('2026-11-21T11:00'));
  });

  test('an hour fits its column, whatever the id says', () => expect(hourOf(0xffff_ffff_ffff)).toBeLessThan(2 ** 31));
});
