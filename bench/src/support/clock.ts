/**
 * Milliseconds of the machine's monotonic clock, which is the same in all its processes. `performance.timeOrigin` is not
 * the way to compare them: whenever the wall clock is set, processes started before and after differ by that much.
 */
export function machineClockMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
