/**
 * Wakes one waiting loop. A ring while nobody waits is kept, so that what happens between a look at the database and
 * the wait after it is not missed; many rings before the next wait are one.
 */
export class Bell {
  private rung = false;
  private wake: (() => void) | null = null;

  readonly ring = (): void => {
    this.rung = true;
    this.wake?.();
  };

  /** Settles with the next ring, after `atMostMs`, or when `signal` is aborted, whichever comes first. */
  wait(atMostMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = null;
        this.rung = false;
        resolve();
      };
      const timer = setTimeout(done, atMostMs);
      this.wake = done;
      signal.addEventListener('abort', done);
      if (this.rung || signal.aborted) done();
    });
  }
}
