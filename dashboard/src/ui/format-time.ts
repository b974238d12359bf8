const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** As in `<0.1s`, `0.4s`, `12s`, `3m 05s`, `2h 10m`, `4d 3h`. Below zero counts as zero. */
export function formatDuration(durationMs: number, { isRunning = false } = {}): string {
  const ms = Math.max(0, durationMs);
  if (ms < SECOND_MS / 10 && !isRunning) return '<0.1s';
  // Tenths that change every second would only flicker.
  if (ms < 10 * SECOND_MS && !isRunning) return `${(Math.round(ms / 100) / 10).toFixed(1)}s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m ${twoDigits((ms % MINUTE_MS) / SECOND_MS)}s`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h ${twoDigits((ms % HOUR_MS) / MINUTE_MS)}m`;
  return `${Math.floor(ms / DAY_MS)}d ${Math.floor((ms % DAY_MS) / HOUR_MS)}h`;
}

/** As in `just now`, `40s ago`, `5m ago`, `3h ago`, `2d ago`. */
export function formatAgo(ageMs: number): string {
  if (ageMs < 5 * SECOND_MS) return 'just now';
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)}s ago`;
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)}m ago`;
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)}h ago`;
  return `${Math.floor(ageMs / DAY_MS)}d ago`;
}

/** Date and time to the second in the reader's zone and language. */
export function formatMoment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
