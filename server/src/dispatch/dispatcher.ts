import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ClaimId, JobId, OrganizationId } from '@dibs/shared';
import { fits, preferenceOf } from '../domain/dispatch/eligibility.js';
import { FairTurns } from '../domain/dispatch/fair-turns.js';
import type { Lane } from '../domain/dispatch/lanes.js';
import { firstRoundSize } from '../domain/dispatch/offer-round.js';
import type { ConnectedInstance } from './connected-instance.js';
import { DispatchMetrics, type DispatchCounts } from './dispatch-metrics.js';
import { serveInOrder } from './lane-line.js';
import { LaneQueue, type QueuePosition, type WaitingJob } from './lane-queue.js';
import { OpenOffers } from './open-offers.js';
import { PauseBook } from './pause-book.js';
import { TakenJobs, type Taken } from './taken-jobs.js';

/** Lanes without jobs are kept this many, because the next job usually needs what the last one needed. */
const IDLE_LANES_KEPT = 256;
/** Above every priority that a runner record may have, so that preferred labels count first. */
const PREFERENCE = 1_000_000;
/** Below everybody who answers. */
const DEAF = -1_000_000;

/** A job that was matched with the standing claim of an instance, whose slots count as used from now on. */
export interface Assignment {
  readonly job: WaitingJob;
  readonly instance: ConnectedInstance;
}

/** Who has assignments decided by the database. */
export interface Granting {
  /** Assignments that can go to the database at once; 0: a statement must end first. */
  readonly room: number;
  grant(assignments: readonly Assignment[]): void;
}

const NO_GRANTS: Granting = { room: 0, grant: () => undefined };

/**
 * Matches waiting jobs with instances that have a free slot, in memory. Everything here is a hint: the database picks
 * the winner of every claim and grant, and the sweep repairs whatever this picture has missed.
 *
 * A job is waiting (in its lane's window), offered (to a few instances without standing claims, `OpenOffers`), taken (a
 * claim or grant decides about it), or gone. Work is done once per tick of the event loop, for the lanes that became
 * dirty: those with a free standing claim are granted, as many as the next statement holds, organizations in fair turns
 * and the lanes of one by the rank of their best job; the others are offered.
 */
@Injectable()
export class Dispatcher implements OnModuleDestroy {
  private readonly lanes = new Map<string, LaneQueue>();
  private readonly jobs = new Map<JobId, WaitingJob>();
  private readonly instances = new Map<OrganizationId, Set<ConnectedInstance>>();
  private readonly taken = new TakenJobs();
  private readonly dirty = new Map<OrganizationId, Set<LaneQueue>>();
  private readonly turns = new FairTurns<OrganizationId>();
  private readonly offers = new OpenOffers({
    refresh: (instance) => this.refresh(instance),
    putBack: (job) => this.putBack(job),
    isOpen: (jobId) => this.jobs.has(jobId),
    schedule: () => this.schedule(),
    unanswered: (instance) => this.onUnanswered(instance),
  });
  private readonly unsubscribe: () => void;
  private scheduled = false;
  /** Set by the queue reader: fills a window that runs low. */
  onLow: (lane: LaneQueue) => void = () => undefined;
  /** Set by whoever watches for instances that do not answer. */
  onUnanswered: (instance: ConnectedInstance) => void = () => undefined;
  /** Set by the grant service. */
  granting = NO_GRANTS;

  constructor(
    private readonly metrics: DispatchMetrics,
    private readonly pauses: PauseBook,
  ) {
    this.unsubscribe = pauses.onChange(() => this.pausesChanged());
    metrics.counts = () => this.count();
  }

  onModuleDestroy(): void {
    this.unsubscribe();
    this.offers.stop();
    this.granting = NO_GRANTS;
  }

  connect(instance: ConnectedInstance): void {
    const others = this.instances.get(instance.organizationId) ?? new Set();
    this.instances.set(instance.organizationId, others.add(instance));
    instance.paused = this.pauses.holdsRunner(instance.identity.runnerId)?.note ?? null;
    this.rematch(instance);
  }

  disconnect(instance: ConnectedInstance): void {
    const others = this.instances.get(instance.organizationId);
    others?.delete(instance);
    if (others?.size === 0) this.instances.delete(instance.organizationId);
    for (const lane of instance.lanes.keys()) this.unmatch(lane, instance);
    for (const job of [...instance.offered]) this.offers.revoke(job, instance);
  }

  /** Finds its lanes anew, after the runner record or its standing has changed. */
  rematch(instance: ConnectedInstance): void {
    for (const lane of instance.lanes.keys()) this.unmatch(lane, instance);
    instance.toldSlots = instance.unspokenSlots;
    for (const lane of this.lanes.values()) this.match(lane, instance);
  }

  /** To be called whenever the slots of an instance have changed, or whether it may be given anything. */
  refresh(instance: ConnectedInstance): void {
    const [before, now] = [instance.toldSlots, instance.unspokenSlots];
    if (before === now) return;
    instance.toldSlots = now;
    for (const [lane, score] of instance.lanes) {
      const [had, has] = [before >= lane.weight, now >= lane.weight];
      if (had === has) continue;
      if (has) {
        lane.freeOf(instance).add(instance, score);
        this.touch(lane);
      } else {
        lane.freeOf(instance).delete(instance, score);
      }
    }
  }

  laneOf(fingerprint: string): LaneQueue | undefined {
    return this.lanes.get(fingerprint);
  }

  /** Makes the lane known, with the instances that fit it. */
  openLane(lane: Lane): LaneQueue {
    const known = this.lanes.get(lane.fingerprint);
    if (known) return known;
    this.dropIdleLanes();
    const opened = new LaneQueue(lane, Math.random);
    this.lanes.set(lane.fingerprint, opened);
    for (const instance of this.instances.get(lane.requirements.organizationId) ?? []) this.match(opened, instance);
    return opened;
  }

  /** Whether any instance here fits such jobs. */
  isServed(lane: Lane): boolean {
    const instances = this.instances.get(lane.requirements.organizationId) ?? [];
    return [...instances].some((instance) => fits(instance, lane.requirements).eligible);
  }

  find(jobId: JobId): WaitingJob | undefined {
    return this.jobs.get(jobId);
  }

  /** Whether an operator holds such jobs back. */
  isHeld({ requirements, fingerprint }: LaneQueue): boolean {
    return !this.pauses.isEmpty && this.pauses.holdsLane(requirements.organizationId, fingerprint) !== null;
  }

  /** Grows with every job that is taken. */
  get takenSerial(): number {
    return this.taken.serial;
  }

  /** Who took the job a moment ago, so that losers can be refused without asking the database. */
  takenBy(jobId: JobId): Taken | undefined {
    return this.taken.get(jobId);
  }

  /**
   * A job is claimable. Harmless when it is known already.
   *
   * @param readAfter `takenSerial` before the read that found it, which knows nothing of those that were taken since
   */
  add(known: LaneQueue, { jobId, priority, rank }: QueuePosition, readAfter = Infinity): void {
    if (this.jobs.has(jobId)) return;
    const taken = this.taken.get(jobId);
    if (taken && (taken.isPending || taken.serial > readAfter)) return;
    if (taken) this.taken.delete(jobId);
    // it may have been dropped as idle while a claim of its only job was under way: nobody looks after it then
    const lane = this.openLane(known);
    // without anybody to give it to, the job is as well off in the database
    if (lane.fitting.size === 0 && lane.isEmpty) lane.cover('none');
    if (!lane.covers({ jobId, priority, rank })) {
      lane.missedWhileLoading ||= lane.loading;
      return this.fill(lane);
    }
    const counts = { round: 0, offerSerial: 0, asked: 0, rounds: 0 };
    this.putBack({ jobId, priority, rank, lane, offeredTo: null, ...counts, open: true });
  }

  /**
   * Uses the slots of a free standing claim for a job that is about to be stored, when it would be the next one anyway:
   * no job of its lane waits, and none of its organization is being matched. To be followed by `reserved` or `giveBack`.
   */
  reserve(lane: Lane): ConnectedInstance | null {
    const { organizationId } = lane.requirements;
    if (!this.instances.has(organizationId)) return null;
    const known = this.openLane(lane);
    this.fill(known);
    if (!known.isDrained || known.standing.isEmpty || this.isHeld(known)) return null;
    if ((this.dirty.get(organizationId)?.size ?? 0) > 0) return null;
    const instance = known.standing.pick();
    this.use(instance, known.weight);
    return instance;
  }

  /** Slots that were used for a claim, a grant or a reservation of which nothing came. */
  giveBack(instance: ConnectedInstance, slots: number): void {
    instance.usedSlots -= slots;
    this.refresh(instance);
  }

  /** A claim goes to the database: nobody else needs to try. To be followed by `claimed` or `notClaimed`. */
  take(jobId: JobId, claimId: ClaimId, winner: ConnectedInstance, slots: number): void {
    this.taken.add(jobId, claimId, winner.organizationId, true);
    this.use(winner, slots);
    this.remove(jobId, winner);
  }

  /** The job was stored as somebody's, by a claim, a grant (`claimId` null) or the submit itself. */
  claimed(jobId: JobId, claimId: ClaimId | null, organizationId: OrganizationId): void {
    this.taken.decided(jobId, claimId, organizationId);
  }

  /** @param stillQueued where it waits; null: it is not, or nobody knows, and the sweep will find out */
  notClaimed(jobId: JobId, stillQueued: ({ readonly lane: LaneQueue } & Omit<QueuePosition, 'jobId'>) | null): void {
    this.taken.delete(jobId);
    if (!stillQueued) return;
    const { lane, priority, rank } = stillQueued;
    this.add(lane, { jobId, priority, rank });
  }

  /** A job left the queue: claimed, canceled or expired. Whoever was offered it is told. */
  remove(jobId: JobId, winner?: ConnectedInstance): void {
    const job = this.jobs.get(jobId);
    if (!job) return;
    this.forget(job);
    job.lane.remove(job);
    this.offers.close(job, winner);
    this.fill(job.lane);
  }

  /** Has the window read on when it runs low. */
  fill(lane: LaneQueue): void {
    if (lane.isLow) this.onLow(lane);
  }

  /** Matches what can be matched, at the end of this tick. */
  touch(lane: LaneQueue): void {
    if (lane.waiting.length === 0 || !lane.hasFree || this.isHeld(lane)) return;
    const { organizationId } = lane.requirements;
    const dirty = this.dirty.get(organizationId) ?? new Set();
    this.dirty.set(organizationId, dirty.add(lane));
    this.schedule();
  }

  /** Looks at every lane again. The sweep calls it, so that no forgotten mark can leave a job waiting. */
  touchAll(): void {
    for (const lane of this.lanes.values()) this.touch(lane);
  }

  /** Waiting and offered jobs, lanes and free slots that this server knows of. */
  private count(): DispatchCounts {
    let freeSlots = 0;
    for (const instances of this.instances.values()) {
      for (const instance of instances) freeSlots += instance.unspokenSlots;
    }
    return { lanes: this.lanes.size, waiting: this.jobs.size, freeSlots };
  }

  /** Runs a tick soon: there is work, or room for it. */
  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.grantAll();
      this.offerAll();
      this.metrics.offersSent(this.offers.flush());
    });
  }

  private match(lane: LaneQueue, instance: ConnectedInstance): void {
    if (!fits(instance, lane.requirements).eligible) return;
    const preference = preferenceOf(instance, lane.requirements) * PREFERENCE + instance.runnerPriority;
    const score = instance.unresponsive ? DEAF : preference;
    lane.fitting.add(instance);
    instance.lanes.set(lane, score);
    this.fill(lane);
    if (instance.toldSlots < lane.weight) return;
    lane.freeOf(instance).add(instance, score);
    this.touch(lane);
  }

  private unmatch(lane: LaneQueue, instance: ConnectedInstance): void {
    const score = instance.lanes.get(lane)!;
    instance.lanes.delete(lane);
    lane.fitting.delete(instance);
    lane.freeOf(instance).delete(instance, score);
  }

  /** What waits for standing claims, as much of it as the next statement holds. */
  private grantAll(): void {
    const { room } = this.granting;
    if (room === 0) return;
    for (const organizationId of this.dirty.keys()) this.turns.join(organizationId);
    const assignments: Assignment[] = [];
    const assign = (lane: LaneQueue): void => void assignments.push(this.assignBest(lane));
    this.turns.deal(room, (organizationId, atMost) =>
      serveInOrder(this.dirty.get(organizationId) ?? [], atMost, (lane) => lane.canGrant && !this.isHeld(lane), assign),
    );
    if (assignments.length > 0) this.granting.grant(assignments);
  }

  private assignBest(lane: LaneQueue): Assignment {
    const job = lane.waiting.takeFirst()!;
    const instance = lane.standing.pick();
    this.forget(job);
    this.taken.add(job.jobId, null, instance.organizationId, true);
    this.use(instance, lane.weight);
    this.fill(lane);
    return { job, instance };
  }

  /** What waits for claims; lanes that wait for room in a statement stay dirty. */
  private offerAll(): void {
    for (const [organizationId, dirty] of this.dirty) {
      const able = [...dirty].filter((lane) => lane.canOffer && !this.isHeld(lane));
      const sizes = new Map(able.map((lane) => [lane, firstRoundSize(lane.askable.size, lane.waiting.length)]));
      serveInOrder(
        able,
        Infinity,
        (lane) => lane.canOffer,
        (lane) => {
          this.offers.begin(lane, sizes.get(lane)!);
          this.fill(lane);
        },
      );
      for (const lane of dirty) if (!lane.canGrant || this.isHeld(lane)) dirty.delete(lane);
      if (dirty.size === 0) this.dirty.delete(organizationId);
    }
    if (this.dirty.size > 0 && this.granting.room > 0) this.schedule();
  }

  private putBack(job: WaitingJob): void {
    this.jobs.set(job.jobId, job);
    const out = job.lane.insert(job);
    if (out) this.forget(out);
    this.touch(job.lane);
  }

  private forget(job: WaitingJob): void {
    job.open = false;
    this.jobs.delete(job.jobId);
  }

  private use(instance: ConnectedInstance, slots: number): void {
    instance.usedSlots += slots;
    this.refresh(instance);
  }

  private pausesChanged(): void {
    for (const instances of this.instances.values()) {
      for (const instance of instances) {
        instance.paused = this.pauses.holdsRunner(instance.identity.runnerId)?.note ?? null;
        this.refresh(instance);
      }
    }
    this.touchAll();
  }

  private dropIdleLanes(): void {
    if (this.lanes.size < IDLE_LANES_KEPT) return;
    for (const lane of this.lanes.values()) {
      if (!lane.isEmpty || lane.loading || lane.isLow) continue;
      for (const instance of lane.fitting) instance.lanes.delete(lane);
      this.lanes.delete(lane.fingerprint);
      if (this.lanes.size < IDLE_LANES_KEPT / 2) return;
    }
  }
}
