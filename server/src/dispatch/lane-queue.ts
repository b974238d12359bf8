import type { JobId } from '@dibs/shared';
import type { Lane, LaneRequirements } from '../domain/dispatch/lanes.js';
import type { ConnectedInstance } from './connected-instance.js';
import { SampledSet } from './sampled-set.js';

/** A queued job that this server knows of. */
export interface WaitingJob {
  readonly jobId: JobId;
  readonly priority: number;
  /** Smaller goes first (domain/dispatch/rank.ts). */
  readonly rank: number;
  readonly lane: LaneQueue;
  /** Who has an open offer of it; empty: it is in `lane.waiting`. */
  readonly offeredTo: Set<ConnectedInstance>;
  round: number;
  /** Grows with every offer of this job, so that a timer of an earlier round knows that it is late. */
  offerSerial: number;
  /** false: claimed, withdrawn or forgotten. */
  open: boolean;
}

export type QueuePosition = Pick<WaitingJob, 'priority' | 'rank' | 'jobId'>;

/** A window on a lane: only the best waiting jobs are in memory, so that a million queued jobs cost no more. */
export const WINDOW_SIZE = 2_000;
/** Below this many the window is filled up from the database. */
const LOW_WATER = 500;

/**
 * The jobs of one lane that wait (best first) or are being offered, and the instances that fit it.
 *
 * The window covers the lane from its best job to some position. Jobs beyond it are left to the database, and the
 * window goes on from there when it runs low.
 */
export class LaneQueue {
  readonly fingerprint: string;
  readonly requirements: LaneRequirements;
  /** Best first: by rank, then by id. */
  readonly waiting: WaitingJob[] = [];
  readonly offered = new Set<WaitingJob>();
  readonly fitting = new Set<ConnectedInstance>();
  /** Those of `fitting` with a slot that nothing is offered for. */
  readonly available: SampledSet<ConnectedInstance>;
  /** A read from the database is under way. */
  loading = false;
  /** A job was left to the database while a read was under way that may not have seen it. */
  missedWhileLoading = false;
  private coverage: 'all' | 'none' | QueuePosition = 'none';

  constructor(lane: Lane, random: () => number) {
    this.fingerprint = lane.fingerprint;
    this.requirements = lane.requirements;
    this.available = new SampledSet(random);
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.offered.size === 0;
  }

  /** More can and should be read. A lane that no instance here fits is nobody's concern. */
  get isLow(): boolean {
    const more = this.coverage !== 'all' && this.fitting.size > 0;
    return more && !this.loading && this.waiting.length < LOW_WATER;
  }

  /** Where to go on reading; null: at the best job. */
  get coveredTo(): QueuePosition | null {
    return typeof this.coverage === 'string' ? null : this.coverage;
  }

  covers(position: QueuePosition): boolean {
    if (typeof this.coverage === 'string') return this.coverage === 'all';
    return compare(position, this.coverage) <= 0;
  }

  /** Puts a job where it belongs; the worst one falls out of a full window. @returns what fell out */
  insert(job: WaitingJob): WaitingJob | null {
    this.waiting.splice(this.positionOf(job), 0, job);
    if (this.waiting.length <= WINDOW_SIZE) return null;
    const out = this.waiting.pop() as WaitingJob;
    this.cover(this.waiting.at(-1)!);
    return out;
  }

  remove(job: WaitingJob): void {
    this.offered.delete(job);
    const position = this.positionOf(job);
    if (this.waiting[position] === job) this.waiting.splice(position, 1);
  }

  /** How far the window reaches now. */
  cover(to: 'all' | 'none' | QueuePosition): void {
    this.coverage = to;
  }

  /** Index of the first waiting job that is not better than this one. */
  private positionOf(job: QueuePosition): number {
    let [low, high] = [0, this.waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.waiting[middle] as WaitingJob, job) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Negative: `a` goes first. Ids are UUIDv7, so the smaller one is older. */
export function compare(a: QueuePosition, b: QueuePosition): number {
  return a.rank - b.rank || (a.jobId < b.jobId ? -1 : a.jobId > b.jobId ? 1 : 0);
}
