/**
 * `source:offer`: this instance answers `source:look`. To be sent after each welcome that says `LinkLimits.sourceLooks`; an
 * instance that does not say it is not asked.
 */
export interface SourceOffer {
  /** How many it looks at at the same time; 1 to 100. */
  readonly atOnce: number;
}

/** `source:look`: which commit is this git source right now? The runner has the credentials; nothing is fetched. */
export interface SourceLook {
  readonly url: string;
  /** Branch or tag; null: the default branch, unless there are `versions`. */
  readonly revision: string | null;
  /** Range of semantic versions: the newest tag in it. */
  readonly versions: string | null;
  /** An answer that takes longer is not waited for. */
  readonly timeoutMs: number;
}

/** One of the two is null. */
export interface SourceSeen {
  /** Full id of the commit. */
  readonly commit: string | null;
  /** Why it could not be seen: one line for people, without passwords. */
  readonly problem: string | null;
}
