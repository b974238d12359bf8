/** Milliseconds since the epoch, finer than Date.now(), to compare with the clocks of other processes of this machine. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
