/**
 * Since when the lease of a *grant* may be trusted: the runner sent nothing for it that it could count from.
 *
 * The lease began at some moment C, when the server's statement ran, and lasts until C + leaseMs. The runner counts from S,
 * the sending of the last hello or renewal whose answer had come, on the same connection, before the grant. One
 * connection delivers in order, so the server sent the grant after that answer, and therefore after S. And it sends
 * no grant whose statement it began longer than (leaseMs - trustMs) / 2 ago (docs/protocol.md, section 4; such a one
 * is left to the next hello or to its lease). So C > S - (leaseMs - trustMs) / 2, and the window, which ends at S +
 * trustMs, ends at least (leaseMs - trustMs) / 2 before the lease does, however long the frame was on its way.
 *
 * A grant that was stuck in a partition brings no fresher S along, because the answers were stuck with it: S is as old as
 * the partition, the window is short or over, and nothing is started until a renewal that names the attempt, sent after
 * the grant came, is acknowledged. For a grant in the answer to a hello S is the sending of that hello, which renewed it.
 */
export class Contact {
  private sentAtMs = -Infinity;

  /** A hello sent then was answered: a new connection, on which nothing earlier counts. */
  welcomed(sentAtMs: number): void {
    this.sentAtMs = sentAtMs;
  }

  /** A renewal sent then was answered. Answers may overtake each other. */
  renewed(sentAtMs: number): void {
    this.sentAtMs = Math.max(this.sentAtMs, sentAtMs);
  }

  /** S: monotonic, of performance.now(). */
  get grantsTrustedFromMs(): number {
    return this.sentAtMs;
  }
}
