import { setTimeout as delay } from 'node:timers/promises';

/** Looks until it is so. @throws when it is not within the time */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${withinMs} ms`);
    await delay(5);
  }
}
