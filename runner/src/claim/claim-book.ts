import type { ClaimId, JobId, Offer } from '@dibs/shared';

export interface PendingClaim {
  readonly claimId: ClaimId;
  readonly jobId: JobId;
  /** Monotonic; the lease of a granted claim cannot be older than this. */
  readonly firstSentAtMs: number;
}

/**
 * Which claims are on their way. A claim takes up its slot from the moment it is sent until it is answered for good:
 * while that is unknown, the server may have granted it.
 */
export class ClaimBook {
  private readonly pending = new Map<ClaimId, PendingClaim>();
  /**
   * Offers for which there was no slot yet. The server offers the next job the moment it has a result, which is
   * before the runner has cleaned up after that job: such an offer must wait for the slot, not get lost.
   */
  private readonly spare = new Map<JobId, Offer>();

  get size(): number {
    return this.pending.size;
  }

  /**
   * Picks what to claim, out of these offers and the spare ones: higher priority first, then in the order of the
   * offers, as many as there are slots that neither an attempt nor a claim takes up. The others stay spare until a
   * slot is free or they are withdrawn; one that is stale by then costs a refusal out of the server's memory.
   * @param freeSlots slots without an attempt
   * @param isHeld the job runs here already: an old offer
   */
  take(
    offers: readonly Offer[],
    freeSlots: number,
    nowMs: number,
    newId: () => string,
    isHeld: (jobId: JobId) => boolean,
  ): PendingClaim[] {
    const claimed = new Set([...this.pending.values()].map(({ jobId }) => jobId));
    for (const offer of offers) this.spare.set(offer.jobId, offer);
    const candidates = [...this.spare.values()].filter(({ jobId }) => !claimed.has(jobId) && !isHeld(jobId));
    const best = candidates.toSorted((a, b) => b.priority - a.priority);
    const free = Math.max(0, freeSlots - this.pending.size);
    const picked = best.slice(0, free);
    this.spare.clear();
    for (const offer of best.slice(free, free + MAX_SPARE)) this.spare.set(offer.jobId, offer);
    return picked.map(({ jobId }) => {
      const claim = { claimId: newId() as ClaimId, jobId, firstSentAtMs: nowMs };
      this.pending.set(claim.claimId, claim);
      return claim;
    });
  }

  /** Somebody else got these. */
  withdraw(jobIds: readonly JobId[]): void {
    for (const jobId of jobIds) this.spare.delete(jobId);
  }

  /** What was offered on a connection that is gone may be long taken. */
  forgetOffers(): void {
    this.spare.clear();
  }

  /** @returns the claim, or undefined when it was answered before */
  settle(claimId: ClaimId): PendingClaim | undefined {
    const claim = this.pending.get(claimId);
    this.pending.delete(claimId);
    return claim;
  }
}

/** More than the offers that can come in while a slot is being cleaned up. */
const MAX_SPARE = 100;
