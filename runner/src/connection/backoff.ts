/** Full jitter: anywhere between now and a bound that doubles, so that runners cut at once come back spread out. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly capMs: number;
}

/**
 * @param failures how many tries in a row failed before this one; 0: none
 * @param random in [0, 1)
 * @param atLeastMs what the server asked for; the jitter comes on top of it
 */
export function backoffMs(failures: number, random: number, limits: BackoffLimits, atLeastMs = 0): number {
  const bound = Math.min(limits.capMs, limits.firstMs * 2 ** Math.min(failures, 30));
  return atLeastMs + random * bound;
}

/**
 * For reconnects: the bound is how long the outage has lasted, so that nobody stays away much longer than the server did.
 * With a bound that doubles, who had drawn short pauses during six seconds without a server might stay away for another
 * half minute (docs/decisions/0018).
 *
 * @param outageMs since the connection was lost, or could not be made for the first time
 */
export function reconnectBackoffMs(outageMs: number, random: number, limits: BackoffLimits, atLeastMs = 0): number {
  return atLeastMs + random * Math.min(limits.capMs, Math.max(limits.firstMs, outageMs));
}
