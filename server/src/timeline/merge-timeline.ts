import type { JobEventView } from '@dibs/shared';
import { toTimeline, type JobEventData, type JobEventRow } from '../jobs/job-timeline.js';

/** How an attempt found its instance. */
export interface ClaimFacts {
  readonly at: string;
  readonly attempt: number;
  readonly runner: string;
  readonly instance: string;
  /** Instances that were offered the job before, and in how many rounds. */
  readonly instances: number;
  readonly rounds: number;
  /** The slot was claimed ahead of time. */
  readonly standing: boolean;
}

export type PauseFacts = Required<Pick<JobEventData, 'target' | 'note' | 'until'>> & {
  readonly at: string;
  /** null: not the reader's business. */
  readonly by: string | null;
};

/**
 * The whole life in one list. How a claim came about stands before that claim, whatever the clock says: a job that was
 * stored already granted was submitted, queued and claimed in one moment. A claim that the list does not have yet was
 * made between two reads, and belongs to the next look.
 */
export function mergeTimeline(
  known: readonly JobEventView[],
  claims: readonly ClaimFacts[],
  pauses: readonly PauseFacts[],
): JobEventView[] {
  const withClaims = known.flatMap((entry) => [
    ...(entry.type === 'claimed' ? toTimeline(claims.filter(sameAttempt(entry)).flatMap(claimRow), []) : []),
    entry,
  ]);
  return [...withClaims, ...toTimeline(pauses.map(pauseRow), [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function sameAttempt({ attempt }: JobEventView): (claim: ClaimFacts) => boolean {
  return (claim) => claim.attempt === attempt;
}

/** A claim that came by itself, without an offer, leaves nothing to tell. */
function claimRow({ at, attempt, standing, ...data }: ClaimFacts): JobEventRow[] {
  if (standing) return [{ at, type: 'standing_claim', attempt, data }];
  return data.instances > 0 ? [{ at, type: 'offered', attempt, data }] : [];
}

function pauseRow({ at, by, until, ...data }: PauseFacts): JobEventRow {
  const end = until === null ? null : new Date(until).toISOString();
  return { at, type: 'held_by_pause', attempt: null, data: { ...data, until: end, ...(by === null ? {} : { by }) } };
}
