import type { Refusal } from '@dibs/shared';
import { refused, refusedForNow } from '../dispatch/refusals.js';

const EXPIRED = refusedForNow('E_TOKEN_EXPIRED', 'The access token has expired; connect again with a fresh one.', 0);
const REVOKED = refused('E_FORBIDDEN', 'The credentials of this runner no longer count, or it was disabled.');
/** Longest delay a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Watches over one open connection: ends it when its token expires, and when its principal or runner record no longer
 * stands. The job is not touched: the runner comes back with a fresh token and goes on, or its lease runs out.
 */
export class StandingWatch {
  private readonly expiry: NodeJS.Timeout;
  private readonly recheck: NodeJS.Timeout;

  constructor(
    expiresAt: Date,
    private readonly stillStands: () => Promise<boolean>,
    private readonly end: (refusal: Refusal) => void,
    recheckMs: number,
  ) {
    const leftMs = Math.min(MAX_TIMER_MS, Math.max(0, expiresAt.getTime() - Date.now()));
    this.expiry = setTimeout(() => end(EXPIRED), leftMs);
    this.recheck = setInterval(() => void this.check(), recheckMs);
  }

  /** Also on a hint that something changed. An error is no answer: the next check asks again. */
  async check(): Promise<void> {
    if (!(await this.stillStands().catch(() => true))) this.end(REVOKED);
  }

  stop(): void {
    clearTimeout(this.expiry);
    clearInterval(this.recheck);
  }
}
