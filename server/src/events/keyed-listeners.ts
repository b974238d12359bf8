/**
 * Listeners by key: thousands of requests may each wait for one job, and an event must reach only those that wait for
 * its job instead of asking every one of them.
 */
export class KeyedListeners<Key, Event> {
  private readonly byKey = new Map<Key, Set<(event: Event) => void>>();

  /** @returns a function that ends the subscription; calling it twice is harmless */
  on(key: Key, listener: (event: Event) => void): () => void {
    // a wrapper of its own, so that the same function may subscribe twice
    const entry = (event: Event): void => listener(event);
    const set = this.byKey.get(key) ?? new Set();
    this.byKey.set(key, set.add(entry));
    return () => {
      set.delete(entry);
      if (set.size === 0 && this.byKey.get(key) === set) this.byKey.delete(key);
    };
  }

  tell(key: Key, event: Event): void {
    for (const listener of this.byKey.get(key) ?? []) listener(event);
  }

  /** Keys somebody listens for. */
  get size(): number {
    return this.byKey.size;
  }
}
