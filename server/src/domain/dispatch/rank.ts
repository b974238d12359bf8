/** What a point of priority is worth when nobody says otherwise: a head start of five minutes. */
export const DEFAULT_AGEING_MS = 300_000;

/**
 * The place of a job in its lane: smaller goes first. Priority and ageing in one number that never changes: a job of
 * priority 0 overtakes one of priority 1 that was submitted more than `ageingMs` after it, so that nothing starves, and
 * no clock is needed to compare two of them.
 *
 * @param createdAtMs milliseconds since the epoch
 */
export function rankOf(createdAtMs: number, priority: number, ageingMs: number): number {
  return createdAtMs - priority * ageingMs;
}
