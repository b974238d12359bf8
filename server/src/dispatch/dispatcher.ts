import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ClaimId, JobId, OrganizationId } from '@dibs/shared';
import { fits } from '../domain/dispatch/eligibility.js';
import type { Lane } from '../domain/dispatch/lanes.js';
import { ROUNDS, firstRoundSize, leastLoaded, sampleSize, wideningSize } from '../domain/dispatch/offer-round.js';
import type { ConnectedInstance } from './connected-instance.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { LaneQueue, compare, type QueuePosition, type WaitingJob } from './lane-queue.js';
import { RoundTimers } from './round-timers.js';

/** Jobs remembered as taken: enough for the claims that come too late while the winner's job already runs. */
const TAKEN_KEPT = 20_000;
/** Lanes without jobs are kept this many, because the next job usually needs what the last one needed. */
const IDLE_LANES_KEPT = 256;

export interface Taken {
  readonly claimId: ClaimId;
  readonly organizationId: OrganizationId;
  readonly serial: number;
}

/**
 * Matches waiting jobs with instances that have a free slot, in memory. Everything here is a hint: the database picks
 * the winner of every claim, and the sweep repairs whatever this picture has missed.
 *
 * A job is waiting (in its lane's list), offered (to a few instances, with a timer that asks more of them), or gone.
 * Work is done once per tick of the event loop, for the lanes that became dirty, best job first across all of them;
 * what a tick decides for one instance leaves in one message.
 */
@Injectable()
export class Dispatcher implements OnModuleDestroy {
  private readonly lanes = new Map<string, LaneQueue>();
  private readonly jobs = new Map<JobId, WaitingJob>();
  private readonly instances = new Map<string, Set<ConnectedInstance>>();
  private readonly taken = new Map<JobId, Taken>();
  /** Jobs whose claim is on its way to the database. */
  private readonly inFlight = new Set<JobId>();
  private serial = 0;
  private readonly dirty = new Set<LaneQueue>();
  private readonly toFlush = new Set<ConnectedInstance>();
  private readonly timers = new RoundTimers((job) => this.widen(job));
  private scheduled = false;
  /** Set by the queue reader: fills a window that runs low. */
  onLow: (lane: LaneQueue) => void = () => undefined;

  constructor(private readonly metrics: DispatchMetrics) {}

  onModuleDestroy(): void {
    this.timers.stop();
  }

  connect(instance: ConnectedInstance): void {
    const others = this.instances.get(instance.organizationId) ?? new Set();
    this.instances.set(instance.organizationId, others.add(instance));
    for (const lane of this.lanes.values()) this.match(lane, instance);
    this.refresh(instance);
  }

  disconnect(instance: ConnectedInstance): void {
    const others = this.instances.get(instance.organizationId);
    others?.delete(instance);
    if (others?.size === 0) this.instances.delete(instance.organizationId);
    for (const lane of instance.lanes) {
      lane.fitting.delete(instance);
      lane.available.delete(instance);
    }
    instance.lanes.clear();
    for (const job of [...instance.offered]) this.revoke(job, instance);
  }

  /** To be called whenever the slots or the draining of an instance have changed. */
  refresh(instance: ConnectedInstance): void {
    const available = instance.unspokenSlots > 0;
    for (const lane of instance.lanes) {
      if (!available) lane.available.delete(instance);
      else {
        lane.available.add(instance);
        this.touch(lane);
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

  /** Grows with every job that is taken. */
  get takenSerial(): number {
    return this.serial;
  }

  /** Who claimed the job a moment ago, so that losers can be refused without asking the database. */
  takenBy(jobId: JobId): Taken | undefined {
    return this.taken.get(jobId);
  }

  wasTakenSince(serial: number, jobId: JobId): boolean {
    return this.inFlight.has(jobId) || (this.taken.get(jobId)?.serial ?? 0) > serial;
  }

  /** A job is claimable. Harmless when it is known already. */
  add(known: LaneQueue, position: QueuePosition): void {
    const { jobId, priority, rank } = position;
    if (this.jobs.has(jobId) || this.inFlight.has(jobId)) return;
    this.taken.delete(jobId);
    // it may have been dropped as idle while a claim of its only job was under way: nobody looks after it then
    const lane = this.openLane(known);
    // without anybody to offer it to, the job is as well off in the database
    if (lane.fitting.size === 0 && lane.isEmpty) lane.cover('none');
    if (!lane.covers(position)) {
      lane.missedWhileLoading ||= lane.loading;
      return this.fill(lane);
    }
    const job: WaitingJob = {
      ...{ jobId, priority, rank, lane },
      offeredTo: new Set(),
      round: 0,
      offerSerial: 0,
      open: true,
    };
    this.jobs.set(jobId, job);
    const out = lane.insert(job);
    if (out) this.forget(out);
    this.touch(lane);
  }

  /** A claim goes to the database: nobody else needs to try. To be followed by `claimed` or `notClaimed`. */
  take(jobId: JobId, claimId: ClaimId, winner: ConnectedInstance): void {
    this.inFlight.add(jobId);
    this.rememberTaken(jobId, { claimId, organizationId: winner.organizationId });
    this.remove(jobId, winner);
  }

  claimed(jobId: JobId, claimId: ClaimId, winner: ConnectedInstance): void {
    this.inFlight.delete(jobId);
    // anew, because a read of the queue may have begun before the commit
    this.rememberTaken(jobId, { claimId, organizationId: winner.organizationId });
  }

  /** @param stillQueued where it waits; null: it is not, or nobody knows, and the sweep will find out */
  notClaimed(jobId: JobId, stillQueued: { lane: LaneQueue; priority: number; rank: number } | null): void {
    this.inFlight.delete(jobId);
    this.taken.delete(jobId);
    if (stillQueued) this.add(stillQueued.lane, { jobId, priority: stillQueued.priority, rank: stillQueued.rank });
  }

  /** A job left the queue: claimed, canceled or expired. Whoever was offered it is told. */
  remove(jobId: JobId, winner?: ConnectedInstance): void {
    const job = this.jobs.get(jobId);
    if (!job) return;
    this.forget(job);
    job.lane.remove(job);
    for (const instance of [...job.offeredTo]) {
      job.offeredTo.delete(instance);
      instance.offered.delete(job);
      if (instance === winner) instance.unanswered = 0;
      else this.tell(instance).withdrawn.push(jobId);
      this.refresh(instance);
    }
    this.fill(job.lane);
  }

  /** Has the window read on when it runs low. */
  fill(lane: LaneQueue): void {
    if (lane.isLow) this.onLow(lane);
  }

  /** Offers what can be offered, at the end of this tick. */
  touch(lane: LaneQueue): void {
    if (lane.waiting.length === 0 || lane.available.size === 0) return;
    this.dirty.add(lane);
    this.schedule();
  }

  /** Looks at every lane again. The sweep calls it, so that no forgotten mark can leave a job waiting. */
  touchAll(): void {
    for (const lane of this.lanes.values()) this.touch(lane);
  }

  private match(lane: LaneQueue, instance: ConnectedInstance): void {
    if (!fits(instance, lane.requirements).eligible) return;
    lane.fitting.add(instance);
    instance.lanes.add(lane);
    if (instance.unspokenSlots > 0) lane.available.add(instance);
    this.fill(lane);
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.matchDirtyLanes();
      this.flush();
    });
  }

  /** The best job of all dirty lanes goes first, because lanes compete for the same slots. */
  private matchDirtyLanes(): void {
    const lanes = [...this.dirty].filter(hasWork).sort((a, b) => compare(a.waiting[0]!, b.waiting[0]!));
    this.dirty.clear();
    const sizes = new Map(lanes.map((lane) => [lane, firstRoundSize(lane.available.size, lane.waiting.length)]));
    while (lanes.length > 0) {
      const lane = lanes.shift()!;
      if (!hasWork(lane)) continue;
      this.offerBest(lane, sizes.get(lane)!);
      if (hasWork(lane)) insertByHead(lanes, lane);
      this.fill(lane);
    }
  }

  private offerBest(lane: LaneQueue, size: number): void {
    const job = lane.waiting.shift()!;
    lane.offered.add(job);
    job.round = 0;
    this.offer(job, size);
  }

  private offer(job: WaitingJob, size: number): void {
    const { lane } = job;
    const sample = lane.available.sample(sampleSize(size), (instance) => !job.offeredTo.has(instance));
    for (const instance of leastLoaded(sample, size)) {
      job.offeredTo.add(instance);
      instance.offered.add(job);
      this.tell(instance).offers.push({ jobId: job.jobId, priority: job.priority });
      this.refresh(instance);
    }
    job.offerSerial += 1;
    this.timers.start(job);
  }

  /** Nobody claimed the job in this round: ask more instances, or begin again after the last round. */
  private widen(job: WaitingJob): void {
    job.round += 1;
    if (job.round < ROUNDS) {
      this.offer(job, wideningSize(job.round));
      return this.schedule();
    }
    for (const instance of [...job.offeredTo]) {
      instance.unanswered += 1;
      this.revoke(job, instance);
    }
  }

  /** Takes an offer back without telling: it was not answered, or the instance is gone. */
  private revoke(job: WaitingJob, instance: ConnectedInstance): void {
    job.offeredTo.delete(instance);
    instance.offered.delete(job);
    this.refresh(instance);
    if (job.offeredTo.size > 0 || !job.open) return;
    job.offerSerial += 1;
    job.lane.offered.delete(job);
    const out = job.lane.insert(job);
    if (out) this.forget(out);
    this.touch(job.lane);
  }

  private forget(job: WaitingJob): void {
    job.open = false;
    this.jobs.delete(job.jobId);
  }

  private rememberTaken(jobId: JobId, by: Omit<Taken, 'serial'>): void {
    this.serial += 1;
    this.taken.delete(jobId);
    this.taken.set(jobId, { ...by, serial: this.serial });
    if (this.taken.size > TAKEN_KEPT) this.taken.delete(this.taken.keys().next().value!);
  }

  private tell(instance: ConnectedInstance): ConnectedInstance['outbox'] {
    this.toFlush.add(instance);
    this.schedule();
    return instance.outbox;
  }

  private flush(): void {
    for (const { outbox, link } of this.toFlush) {
      // a job offered and taken within the same tick needs no word at all
      const offers = outbox.offers.splice(0).filter((offer) => this.jobs.has(offer.jobId));
      const withdrawn = outbox.withdrawn.splice(0);
      if (withdrawn.length > 0) link.withdraw(withdrawn);
      if (offers.length > 0) link.offer(offers);
      this.metrics.offersSent(offers.length);
    }
    this.toFlush.clear();
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

function hasWork(lane: LaneQueue): boolean {
  return lane.waiting.length > 0 && lane.available.size > 0;
}

function insertByHead(lanes: LaneQueue[], lane: LaneQueue): void {
  const index = lanes.findIndex((other) => compare(lane.waiting[0]!, other.waiting[0] ?? lane.waiting[0]!) <= 0);
  lanes.splice(index < 0 ? lanes.length : index, 0, lane);
}
