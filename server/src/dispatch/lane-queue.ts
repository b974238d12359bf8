import type { JobId } from '@dibs/shared';
import type { Lane, LaneRequirements } from '../domain/dispatch/lanes.js';
import type { ConnectedInstance } from './connected-instance.js';
import { FreeInstances } from './free-instances.js';
import { JobWindow, compare } from './job-window.js';

/** A queued job that this server knows of. */
export interface WaitingJob {
  readonly jobId: JobId;
  readonly priority: number;
  /** Smaller goes first (domain/dispatch/rank.ts). */
  readonly rank: number;
  readonly lane: LaneQueue;
  /** Who has an open offer of it; null: it was never offered. */
  offeredTo: Set<ConnectedInstance> | null;
  round: number;
  /** Grows with every offer of this job, so that a timer of an earlier round knows that it is late. */
  offerSerial: number;
  /** How many instances heard of it, and in how many rounds, all in all. */
  asked: number;
  rounds: number;
  /** false: claimed, withdrawn or forgotten. */
  open: boolean;
}

export type QueuePosition = Pick<WaitingJob, 'priority' | 'rank' | 'jobId'>;

/** A window on a lane: only the best waiting jobs are in memory, so that a million queued jobs cost no more. */
export const WINDOW_SIZE = 2_000;
/** Below this many the window is filled up from the database. */
const LOW_WATER = 1_000;

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
  readonly waiting = new JobWindow<WaitingJob>();
  readonly offered = new Set<WaitingJob>();
  readonly fitting = new Set<ConnectedInstance>();
  /** Those of `fitting` with enough slots that nothing is offered for: with standing claims, and without. */
  readonly standing: FreeInstances;
  readonly askable: FreeInstances;
  /** A read from the database is under way. */
  loading = false;
  /** A job was left to the database while a read was under way that may not have seen it. */
  missedWhileLoading = false;
  private coverage: 'all' | 'none' | QueuePosition = 'none';

  constructor(lane: Lane, random: () => number) {
    this.fingerprint = lane.fingerprint;
    this.requirements = lane.requirements;
    this.standing = new FreeInstances(random);
    this.askable = new FreeInstances(random);
  }

  /** Slots that one of its jobs takes up. */
  get weight(): number {
    return this.requirements.slots;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.offered.size === 0;
  }

  /** No job of this lane waits anywhere, as far as anybody can know. */
  get isDrained(): boolean {
    return this.isEmpty && this.coverage === 'all' && !this.loading;
  }

  get hasFree(): boolean {
    return !this.standing.isEmpty || !this.askable.isEmpty;
  }

  get canGrant(): boolean {
    return this.waiting.length > 0 && !this.standing.isEmpty;
  }

  get canOffer(): boolean {
    return this.waiting.length > 0 && this.standing.isEmpty && !this.askable.isEmpty;
  }

  /** Where an instance that fits is kept while it is free. */
  freeOf(instance: ConnectedInstance): FreeInstances {
    return instance.identity.standing ? this.standing : this.askable;
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
    this.waiting.insert(job);
    if (this.waiting.length <= WINDOW_SIZE) return null;
    const out = this.waiting.takeLast()!;
    this.cover(this.waiting.last!);
    return out;
  }

  remove(job: WaitingJob): void {
    if (!this.offered.delete(job)) this.waiting.delete(job);
  }

  /** How far the window reaches now. */
  cover(to: 'all' | 'none' | QueuePosition): void {
    this.coverage = to;
  }
}
