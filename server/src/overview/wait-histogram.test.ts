import { describe, expect, test } from '@jest/globals';
import { addTo, bucketOf, emptyHistogram, percentiles, WAIT_BUCKETS } from './wait-histogram.js';

function histogramOf(waits: readonly number[]): number[] {
  const histogram = emptyHistogram();
  for (const wait of waits) histogram[bucketOf(wait)]! += 1;
  return histogram;
}

describe('waits in buckets', () => {
  test('nothing was counted: there are no percentiles', () => {
    expect(percentiles(emptyHistogram())).toBeNull();
  });

  test.each([2, 17, 350, 9_000, 240_000, 80_000_000])('a wait of %d ms is told within a quarter', (wait) => {
    const { p50Ms, p99Ms } = percentiles(histogramOf([wait]))!;
    for (const told of [p50Ms, p99Ms]) expect(Math.abs(told - wait) / wait).toBeLessThan(0.27);
    expect(Math.abs(p50Ms - wait) / wait).toBeLessThan(0.14);
  });

  test('percentiles of a spread are where they belong', () => {
    const { p50Ms, p95Ms, p99Ms } = percentiles(histogramOf(Array.from({ length: 1_000 }, (_, index) => index + 1)))!;
    expect(p50Ms).toBeGreaterThan(420);
    expect(p50Ms).toBeLessThan(580);
    expect(p95Ms).toBeGreaterThan(800);
    expect(p95Ms).toBeLessThan(1_100);
    expect(p99Ms).toBeGreaterThan(p95Ms);
  });

  test('no wait at all, a clock that ran backwards and a wait of a year all have a bucket', () => {
    expect([0, -5, 1].map(bucketOf)).toEqual([0, 0, 0]);
    expect(bucketOf(365 * 86_400_000)).toBe(WAIT_BUCKETS - 1);
  });

  test('what two servers counted adds up', () => {
    const sum = histogramOf([5, 5]);
    addTo(sum, histogramOf([5, 70]));
    expect(sum).toEqual(histogramOf([5, 5, 5, 70]));
  });
});
