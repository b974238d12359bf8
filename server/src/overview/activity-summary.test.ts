import { describe, expect, test } from '@jest/globals';
import { SHOWN_MINUTES, summarize } from './activity-summary.js';
import type { ActivitySlot } from './overview.repository.js';
import { bucketOf, emptyHistogram } from './wait-histogram.js';

const now = new Date('2026-11-21T10:00:25.000Z');
const secondsAgo = (seconds: number): Date => new Date(Math.floor(now.getTime() / 10_000) * 10_000 - seconds * 1_000);
function slot(seconds: number, claims: number, more: Partial<ActivitySlot> = {}): ActivitySlot {
  const waits = emptyHistogram();
  waits[bucketOf(100)] = claims;
  return { slot: secondsAgo(seconds), claims, succeeded: 0, failed: 0, canceled: 0, waits, ...more };
}

describe('summarize', () => {
  test('nothing happened: sixty empty minutes, and no rate is invented', () => {
    const { claimsPerSecond, lastHour, minutes } = summarize([], now);
    expect(claimsPerSecond).toBe(0);
    expect(lastHour).toEqual({ claims: 0, succeeded: 0, failed: 0, canceled: 0, wait: null, successRate: null });
    expect(minutes).toHaveLength(SHOWN_MINUTES);
    expect(minutes.at(-1)).toMatchObject({ from: '2026-11-21T10:00:00.000Z', claims: 0, wait: null });
    expect(minutes[0]!.from).toBe('2026-11-21T09:01:00.000Z');
  });

  test('slots add up to their minute and to the hour; what is older counts nowhere', () => {
    const { lastHour, minutes } = summarize([slot(4_000, 50), slot(30, 3), slot(10, 4), slot(70, 9)], now);
    expect(minutes.slice(-2).map(({ claims }) => claims)).toEqual([12, 4]);
    expect(lastHour.claims).toBe(16);
    expect(lastHour.wait!.p50Ms).toBeGreaterThan(80);
  });

  test('claims per second are those of the last minute', () => {
    expect(summarize([slot(0, 65), slot(60, 65), slot(70, 1_000)], now).claimsPerSecond).toBe(2);
  });

  test('cancels say nothing about success', () => {
    const ended = slot(30, 0, { succeeded: 3, failed: 1, canceled: 40 });
    expect(summarize([ended], now).lastHour).toMatchObject({ successRate: 0.75, canceled: 40 });
    expect(summarize([slot(30, 0, { canceled: 2 })], now).lastHour.successRate).toBeNull();
  });
});
