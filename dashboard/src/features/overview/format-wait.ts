import { formatDuration } from '../../ui/format-time';

/** As in `7ms`, `0.4s`, `3m 05s`. */
export function formatWait(ms: number): string {
  return ms < 100 ? `${Math.round(ms)}ms` : formatDuration(ms);
}
