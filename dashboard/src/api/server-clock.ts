/**
 * Times come from the database's clock, ages are counted on this computer's: the difference between the two is
 * learned from the `Date` header, so that a running job does not show a negative or hour-long duration on a
 * computer whose clock is wrong. Differences below 2 s are within the header's resolution and ignored.
 */
let offsetMs = 0;

export function observeServerDate(header: string | null): void {
  const serverMs = header ? Date.parse(header) : NaN;
  if (Number.isNaN(serverMs)) return;
  const differenceMs = serverMs - Date.now();
  offsetMs = Math.abs(differenceMs) < 2_000 ? 0 : differenceMs;
}

/** Milliseconds since the epoch as the server sees them. */
export function serverNowMs(): number {
  return Date.now() + offsetMs;
}
