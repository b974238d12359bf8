const FIRST_MS = 1_000;
const CAP_MS = 8_000;

/**
 * Full jitter, so that a thousand open pages do not come back in the same moment after a server restart.
 * @param failures tries that failed since the link was last live
 * @param random 0 ≤ random < 1
 */
export function reconnectDelayMs(failures: number, random: number): number {
  return Math.round(random * Math.min(CAP_MS, FIRST_MS * 2 ** failures));
}
