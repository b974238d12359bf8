'use client';

import { useSyncExternalStore } from 'react';

/** One clock for the whole page: all ages and durations change together, once a second. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let tick = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tick += 1;
    for (const notify of listeners) notify();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Draws the component again every second. */
export function useTick(): void {
  useSyncExternalStore(
    subscribe,
    () => tick,
    () => 0,
  );
}
