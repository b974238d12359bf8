import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseUnavailable } from './database-errors.js';

export interface Patience {
  /** From the first try on; 0: there is one try. */
  readonly withinMs: number;
  /** Told when the wait begins, and every few seconds of it. */
  readonly onWaiting: (error: unknown) => void;
  /** Ends the wait; its reason is thrown then. */
  readonly signal?: AbortSignal;
}

export const NO_PATIENCE: Patience = { withinMs: 0, onWaiting: () => undefined };

const TRY_EVERY_MS = 250;
const TELL_EVERY_MS = 5_000;

/**
 * Tries again for a while, as long as the database only cannot answer yet: where all of an installation is started at once
 * (compose, a node of Kubernetes) the server is faster than PostgreSQL.
 *
 * @throws what the last try threw
 */
export async function patiently<T>(connect: () => Promise<T>, { withinMs, onWaiting, signal }: Patience): Promise<T> {
  const beganAtMs = performance.now();
  for (let toldAtMs = -Infinity; ;) {
    try {
      return await connect();
    } catch (error) {
      const nowMs = performance.now();
      if (!isDatabaseUnavailable(error) || nowMs - beganAtMs >= withinMs) throw error;
      if (nowMs - toldAtMs >= TELL_EVERY_MS) {
        onWaiting(error);
        toldAtMs = nowMs;
      }
    }
    await delay(TRY_EVERY_MS, undefined, { signal }).catch(() => undefined);
    signal?.throwIfAborted();
  }
}
