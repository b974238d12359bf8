import type { HeldAttempt } from '@dibs/shared';
import type { TreeLeader } from '../process/process-table.js';
import type { TreeWatch } from '../process/watchdog.js';
import type { AttemptHost, ServerTerms } from './attempt-host.js';
import { TrustWindow, watchTrust } from './trust-window.js';

/**
 * The trust window of one attempt with its two guards. While processes run, a timer of the main loop ends the attempt in
 * order when the window closes; the watchdog thread kills a little later what still lives, because then the main loop had
 * no time for its timers.
 */
export class AttemptTrust {
  constructor(
    private readonly window: TrustWindow,
    private readonly watch: TreeWatch,
    /** What the main loop is given before the watchdog kills: a small part of what the lease outlasts the window. */
    private readonly allowanceMs: number,
  ) {}

  /** The watchdog has killed: whatever the processes seem to have ended with, the runner ended them. */
  get fired(): boolean {
    return this.watch.fired;
  }

  get isFresh(): boolean {
    return !this.watch.fired && this.window.isFresh(performance.now());
  }

  renewed(sentAtMs: number): void {
    this.window.renewed(sentAtMs);
    this.watch.move(this.watchdogEndsAtMs);
  }

  /** To be called before a process is started. @param onEnded the lease is not trusted any more @returns ends the guard */
  guard(onEnded: () => void): () => void {
    this.watch.onFired = onEnded;
    if (!this.watch.arm(this.watchdogEndsAtMs)) onEnded();
    const unwatch = watchTrust(this.window, onEnded);
    return () => {
      unwatch();
      this.watch.disarm();
      this.watch.onFired = null;
    };
  }

  started(leader: TreeLeader): void {
    this.watch.leader(leader);
  }

  close(): void {
    this.watch.close();
  }

  private get watchdogEndsAtMs(): number {
    return this.window.endsAtMs + this.allowanceMs;
  }
}

/** @param trustedFromMs monotonic, not later than the beginning of the lease */
export function attemptTrust(
  host: Pick<AttemptHost, 'watchdog'>,
  { jobId, attempt }: HeldAttempt,
  { timing: { leaseMs, trustMs } }: ServerTerms,
  trustedFromMs: number,
): AttemptTrust {
  const window = new TrustWindow(trustedFromMs, trustMs);
  return new AttemptTrust(window, host.watchdog.watch({ jobId, attempt }), (leaseMs - trustMs) / ALLOWANCE_PARTS);
}

const ALLOWANCE_PARTS = 10;
