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

  get size(): number {
    return this.pending.size;
  }

  /**
   * Picks what to claim: higher priority first, then in the order of the offers, as many as there are free slots.
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
    const candidates = offers.filter(({ jobId }) => !claimed.has(jobId) && !isHeld(jobId));
    const picked = candidates.toSorted((a, b) => b.priority - a.priority).slice(0, Math.max(0, freeSlots));
    return picked.map(({ jobId }) => {
      const claim = { claimId: newId() as ClaimId, jobId, firstSentAtMs: nowMs };
      this.pending.set(claim.claimId, claim);
      return claim;
    });
  }

  /** @returns the claim, or undefined when it was answered before */
  settle(claimId: ClaimId): PendingClaim | undefined {
    const claim = this.pending.get(claimId);
    this.pending.delete(claimId);
    return claim;
  }

  /** To be asked again, with the same ids. */
  unanswered(): PendingClaim[] {
    return [...this.pending.values()];
  }
}
