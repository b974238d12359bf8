/**
 * Milliseconds of the clock that no person and no NTP moves, the same in every thread of this process, and in other
 * processes of the machine (the benchmarks compare them); performance.now() counts from another zero in each.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** A time of this thread's performance.now() on that clock. */
export function toMonotonicMs(performanceMs: number): number {
  return performanceMs + offsetMs;
}

/** Between the two readings time passes, in the first try up to milliseconds: the largest difference is the least wrong. */
const offsetMs = Math.max(...Array.from({ length: 5 }, () => monotonicMs() - performance.now()));
