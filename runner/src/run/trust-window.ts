/**
 * How long the runner may believe that an attempt is still its own. The server keeps a lease for longer than this
 * after *receiving* a renewal; the runner counts from *sending* one, so its window always closes first, however long
 * the reply took. All times are monotonic: neither clock skew nor a stepped clock may stretch it.
 */
export class TrustWindow {
  /** @param sentAtMs when the claim was first sent, or `Contact.grantsTrustedFromMs`: the lease cannot be older */
  constructor(
    private sentAtMs: number,
    private readonly trustMs: number,
  ) {}

  get endsAtMs(): number {
    return this.sentAtMs + this.trustMs;
  }

  /** A renewal sent then was acknowledged. Replies may overtake each other. */
  renewed(sentAtMs: number): void {
    this.sentAtMs = Math.max(this.sentAtMs, sentAtMs);
  }

  holds(nowMs: number): boolean {
    return nowMs < this.endsAtMs;
  }

  /**
   * Whether processes may be started: half of the window is left. With less, renewals have been missing for so long that
   * what is started now would probably be killed in the middle of its side effects.
   */
  isFresh(nowMs: number): boolean {
    return nowMs < this.endsAtMs - this.trustMs / 2;
  }
}

/**
 * Calls back once when the window has closed. The clock decides, not the timer: after a stalled event loop or
 * SIGSTOP the timer is late, and a renewal that came in between has moved the end.
 * @returns stops watching
 */
export function watchTrust(window: TrustWindow, onEnded: () => void): () => void {
  let timer: NodeJS.Timeout;
  const check = (): void => {
    const leftMs = window.endsAtMs - performance.now();
    if (leftMs <= 0) onEnded();
    else timer = setTimeout(check, leftMs);
  };
  timer = setTimeout(check, Math.max(0, window.endsAtMs - performance.now()));
  return () => clearTimeout(timer);
}
