import type { WaitPercentiles } from '@dibs/shared';

/**
 * Waits in buckets that grow by the cube root of two: up to 1 ms, 1.26 ms, 1.59 ms, 2 ms … a day; the last one takes the rest.
 * A percentile read from them is wrong by a quarter at most, whatever the range, and adding two is adding numbers.
 */
export const WAIT_BUCKETS = 80;

export type WaitHistogram = readonly number[];

export function emptyHistogram(): number[] {
  return Array.from({ length: WAIT_BUCKETS }, () => 0);
}

export function bucketOf(waitedMs: number): number {
  return waitedMs <= 1 ? 0 : Math.min(WAIT_BUCKETS - 1, Math.ceil(3 * Math.log2(waitedMs)));
}

export function addTo(sum: number[], more: WaitHistogram): void {
  more.forEach((count, bucket) => (sum[bucket] = (sum[bucket] ?? 0) + count));
}

/** @returns null: nothing was counted */
export function percentiles(histogram: WaitHistogram): WaitPercentiles | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => quantile(histogram, share * total);
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

/** As if the waits of a bucket were spread evenly over it. */
function quantile(histogram: WaitHistogram, rank: number): number {
  let below = 0;
  for (const [bucket, count] of histogram.entries()) {
    if (count > 0 && below + count >= rank) {
      const [from, to] = [bucket === 0 ? 0 : upperMs(bucket - 1), upperMs(bucket)];
      return rounded(from + ((to - from) * (rank - below)) / count);
    }
    below += count;
  }
  return upperMs(WAIT_BUCKETS - 1);
}

function upperMs(bucket: number): number {
  return 2 ** (bucket / 3);
}

/** More digits would tell of an accuracy that is not there. */
function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
