import type { ClaimId, JobId } from '../ids.js';
import type { JobSpec } from '../job/job-spec.js';
import type { Refusal } from './reply.js';

/** The broadcast "this job is free". A hint with matching facts only, never secrets or the spec. */
export interface Offer {
  readonly jobId: JobId;
  readonly priority: number;
}

/** One exchange may ask for as many jobs as the runner has free slots. */
export interface Claim {
  readonly claims: readonly { readonly claimId: ClaimId; readonly jobId: JobId }[];
}

export interface Claimed {
  /** In the order of the request. */
  readonly results: readonly ClaimResult[];
}

export type ClaimResult =
  | { readonly ok: true; readonly claimId: ClaimId; readonly job: GrantedJob }
  | (Refusal & { readonly claimId: ClaimId });

export interface GrantedJob {
  readonly jobId: JobId;
  readonly attempt: number;
  /** Secret of this attempt; goes with every later write. */
  readonly claimToken: string;
  readonly spec: JobSpec;
  readonly secrets: Readonly<Record<string, string>>;
  /**
   * The step whose start was recorded together with the claim, so that it needs no `step:started`; null: none. Only for
   * jobs that need no preparation: whoever is granted this counts as having begun.
   */
  readonly startedStep: 0 | null;
}
