const BASE_PER_SECOND = 2_000;
/** A slot that runs no-op jobs as fast as they come makes four requests for each. */
const PER_SLOT_PER_SECOND = 2_000;
const BASE_UNANSWERED = 256;
const PER_SLOT_UNANSWERED = 16;

/**
 * Bounds what one socket may ask: requests per second (a token bucket of one second) and requests that are not yet
 * answered. A counter of our own, because a promise for every message would cost more than the check itself.
 */
export class FloodGuard {
  private tokens: number;
  private refilledAtMs: number;
  private unanswered = 0;
  private slots = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.refilledAtMs = nowMs();
    this.tokens = this.perSecond;
  }

  allowFor(slots: number): void {
    this.slots = slots;
  }

  /**
   * An admitted request must be followed by `answered`. Refused ones count, too: whoever goes on asking comes ever
   * deeper into debt, and at a whole second's worth it is an attack or a broken program (`close`).
   */
  admit(): 'admitted' | 'refused' | 'close' {
    this.refill();
    this.tokens -= 1;
    if (this.tokens < -this.perSecond) return 'close';
    if (this.tokens < 0 || this.unanswered >= BASE_UNANSWERED + this.slots * PER_SLOT_UNANSWERED) return 'refused';
    this.unanswered += 1;
    return 'admitted';
  }

  answered(): void {
    this.unanswered -= 1;
  }

  private get perSecond(): number {
    return BASE_PER_SECOND + this.slots * PER_SLOT_PER_SECOND;
  }

  private refill(): void {
    const nowMs = this.nowMs();
    const earned = ((nowMs - this.refilledAtMs) / 1_000) * this.perSecond;
    this.tokens = Math.min(this.perSecond, this.tokens + earned);
    this.refilledAtMs = nowMs;
  }
}
