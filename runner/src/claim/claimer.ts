import { randomUUID } from 'node:crypto';
import type { Claimed, GrantedJob, JobId, Offer } from '@dibs/shared';
import type { Logger } from 'pino';
import { askUntilAnswered, type Asker, type AskTiming } from '../connection/ask-until-answered.js';
import { ClaimBook, type PendingClaim } from './claim-book.js';

export interface ClaimerOptions {
  readonly link: Asker;
  /** Slots that no attempt takes up. */
  readonly freeSlots: () => number;
  /** false: draining, or too little disk. */
  readonly mayClaim: () => boolean;
  readonly isHeld: (jobId: JobId) => boolean;
  readonly onGranted: (job: GrantedJob, claimSentAtMs: number) => void;
  /** No claim is on its way any more. */
  readonly onSettled: () => void;
  readonly ask: AskTiming;
  readonly closing: AbortSignal;
  readonly log: Logger;
}

/**
 * Answers offers with claims, as many at once as there are free slots. A claim whose reply got lost is repeated under
 * its own claimId until it is answered, because a grant that nobody heard of would block the job until its lease
 * expires. Drain included: a job that was granted is run.
 */
export class Claimer {
  private readonly book = new ClaimBook();

  constructor(private readonly options: ClaimerOptions) {}

  get pending(): number {
    return this.book.size;
  }

  offered(offers: readonly Offer[]): void {
    const { freeSlots, mayClaim, isHeld } = this.options;
    if (!mayClaim()) return;
    const claims = this.book.take(offers, freeSlots(), performance.now(), randomUUID, isHeld);
    if (claims.length > 0) void this.claim(claims);
  }

  /** A slot became free: an offer may be waiting for it. */
  slotFreed(): void {
    this.offered([]);
  }

  withdrawn(jobIds: readonly JobId[]): void {
    this.book.withdraw(jobIds);
  }

  linkDown(): void {
    this.book.forgetOffers();
  }

  private async claim(claims: readonly PendingClaim[]): Promise<void> {
    const { link, ask, closing, log } = this.options;
    const message = { claims: claims.map(({ claimId, jobId }) => ({ claimId, jobId })) };
    const reply = await askUntilAnswered(link, 'job:claim', message, ask, closing);
    if (reply === 'stopped') return;
    if (reply.ok) this.settle(reply, claims);
    else {
      log.warn({ code: reply.code, reason: reply.message }, 'claims refused');
      for (const { claimId } of claims) this.book.settle(claimId);
    }
    this.slotFreed();
    if (this.book.size === 0) this.options.onSettled();
  }

  private settle({ results }: Claimed, claims: readonly PendingClaim[]): void {
    const again: PendingClaim[] = [];
    for (const claim of claims) {
      const result = results.find(({ claimId }) => claimId === claim.claimId);
      // without a clear answer the claim may have been granted
      if (!result || (!result.ok && result.retryable)) again.push(claim);
      else if (this.book.settle(claim.claimId) && result.ok) this.options.onGranted(result.job, claim.firstSentAtMs);
      else if (!result.ok) this.options.log.debug({ jobId: claim.jobId, code: result.code }, 'claim refused');
    }
    if (again.length > 0) this.repeatLater(again);
  }

  private repeatLater(claims: readonly PendingClaim[]): void {
    const timer = setTimeout(() => void this.claim(claims), this.options.ask.retryFirstMs);
    this.options.closing.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }
}
