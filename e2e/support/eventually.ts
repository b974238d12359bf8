import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Asks again until there is an answer.
 *
 * @param probe answers undefined while it is too early; what it throws counts as too early as well
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  withinMs = 60_000,
): Promise<T> {
  let last: unknown;
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await delay(POLL_MS)) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what}: not within ${withinMs} ms${last === undefined ? '' : `, ${(last as Error).message}`}`, {
    cause: last,
  });
}
