export interface GrantTiming {
  readonly leaseMs: number;
  readonly trustMs: number;
}

/**
 * Whether a grant may still be sent. The lease began when the statement ran; the runner, which sent nothing for it, trusts
 * it from the last renewal that was answered before the grant (runner/src/run/contact.ts). With a statement that began at
 * most half of the difference ago its trust ends before the lease does, whatever it knows. An older grant, from a
 * database or a server that stood still, is not sent: it is given again with a fresh lease.
 */
export function isFreshGrant(madeAtMs: number, nowMs: number, { leaseMs, trustMs }: GrantTiming): boolean {
  return nowMs - madeAtMs <= (leaseMs - trustMs) / 2;
}
