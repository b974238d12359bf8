import { setTimeout as delay } from 'node:timers/promises';

/** Waits, or less long when the signal comes; never throws. The caller looks at the signal itself. */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** Settles with the promise, or with 'stopped' as soon as the signal comes. */
export async function orStopped<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | 'stopped'> {
  if (signal.aborted) return 'stopped';
  let onAbort = (): void => undefined;
  const stopped = new Promise<'stopped'>((resolve) => {
    onAbort = () => resolve('stopped');
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
