import type { LinkTiming, Renew, Renewed } from '@dibs/shared';
import type { Logger } from 'pino';
import { NoAnswerError } from '../connection/link-errors.js';
import type { Link } from '../connection/link.js';

export interface LeaseRenewerOptions {
  readonly link: Pick<Link, 'request' | 'reset' | 'isUp'>;
  /** What is held at this moment. */
  readonly snapshot: () => Renew;
  /** @param sentAtMs monotonic, from before the message was sent: trust counts from there */
  readonly onRenewed: (reply: Renewed, sent: Renew, sentAtMs: number) => void;
  readonly log: Logger;
}

/**
 * Heartbeat of the instance and renewal of all leases, in one message every period while the link is up. One message
 * at a time: a renewal that was asked for meanwhile goes out right after. A link that leaves two in a row without a
 * reply is deaf, whatever TCP says, and is opened anew.
 */
export class LeaseRenewer {
  private timer: NodeJS.Timeout | undefined;
  private everyMs = 0;
  private replyTimeoutMs = 0;
  private running: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private missed = 0;
  /** The server cannot renew now (its database is away) and says when to ask again; null: at the next turn. */
  private askAgainMs: number | null = null;

  constructor(private readonly options: LeaseRenewerOptions) {}

  /** The link is up. */
  start({ renewEveryMs, trustMs }: Pick<LinkTiming, 'renewEveryMs' | 'trustMs'>): void {
    this.everyMs = renewEveryMs;
    // a period, two missing replies and a reconnect must fit into the trust window
    this.replyTimeoutMs = Math.max(MIN_REPLY_TIMEOUT_MS, trustMs / 4);
    this.missed = 0;
    void this.renewNow();
  }

  /** The link is down. */
  stop(): void {
    clearTimeout(this.timer);
    this.everyMs = 0;
  }

  /** Resolves when a renewal that was sent after this call is answered, or failed. Never rejects. */
  renewNow(): Promise<void> {
    if (this.running === null) return this.run();
    this.next ??= this.running.then(() => {
      this.next = null;
      return this.run();
    });
    return this.next;
  }

  private run(): Promise<void> {
    clearTimeout(this.timer);
    this.running = this.renew().finally(() => {
      this.running = null;
      clearTimeout(this.timer);
      const inMs = this.missed > 0 ? 0 : Math.min(this.askAgainMs ?? this.everyMs, this.everyMs);
      if (this.everyMs > 0) this.timer = setTimeout(() => void this.renewNow(), inMs);
    });
    return this.running;
  }

  private async renew(): Promise<void> {
    const { link, log, onRenewed } = this.options;
    if (!link.isUp) return;
    const message = this.options.snapshot();
    const sentAtMs = performance.now();
    try {
      const reply = await link.request('runner:renew', message, this.replyTimeoutMs);
      this.missed = 0;
      this.askAgainMs = !reply.ok && reply.retryable ? (reply.retryAfterMs ?? null) : null;
      if (reply.ok) onRenewed(reply, message, sentAtMs);
      else log.warn({ code: reply.code, reason: reply.message }, 'renewal refused');
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      if (!link.isUp) return;
      this.missed += 1;
      if (this.missed >= 2) void link.reset('no reply to two renewals');
    }
  }
}

const MIN_REPLY_TIMEOUT_MS = 250;
