import { Injectable, Logger } from '@nestjs/common';
import { Coalescer } from '../platform/coalescer.js';
import type { Lane } from '../domain/dispatch/lanes.js';
import { Dispatcher } from './dispatcher.js';
import { WINDOW_SIZE, type LaneQueue, type QueuePosition } from './lane-queue.js';
import { QueueRepository } from './queue.repository.js';

/** Lanes looked at in one step of a sweep. */
const LANES_AT_ONCE = 500;
/** Jobs looked at in a lane whose instances are all busy: enough for the slots that become free until the next sweep. */
const GLANCE_SIZE = 100;

/** Brings queued jobs from the database into the dispatcher's windows. */
@Injectable()
export class LaneReader {
  private readonly logger = new Logger(LaneReader.name);
  private readonly describe: Coalescer<string, Lane | null>;
  private readonly readsOn = new Map<LaneQueue, Promise<void>>();

  constructor(
    private readonly queue: QueueRepository,
    private readonly dispatcher: Dispatcher,
  ) {
    this.describe = new Coalescer((fingerprints) => this.describeAll(fingerprints));
    dispatcher.onLow = (lane) => {
      this.readsOn.set(lane, this.readOn(lane));
    };
  }

  /** A lane this server has not met: learns what it demands. It is read when an instance here serves it. */
  async discover(fingerprint: string): Promise<void> {
    const lane = await this.describe.add(fingerprint);
    if (lane !== null) this.dispatcher.fill(this.dispatcher.openLane(lane));
  }

  /** Reads every lane again that has jobs and an instance here. Returns when all are read that were known by then. */
  async readAll(): Promise<void> {
    await this.readEach();
    await Promise.all(this.readsOn.values());
  }

  private async readEach(): Promise<void> {
    for (let after = ''; ;) {
      const fingerprints = await this.queue.lanes(after, LANES_AT_ONCE);
      const unknown = fingerprints.filter((fingerprint) => !this.dispatcher.laneOf(fingerprint));
      const described = await this.queue.describe(unknown);
      for (const lane of described) if (this.dispatcher.isServed(lane)) this.dispatcher.openLane(lane);
      for (const fingerprint of fingerprints) {
        const lane = this.dispatcher.laneOf(fingerprint);
        if (!lane || lane.loading || lane.fitting.size === 0) continue;
        await (lane.hasFree ? this.load(lane, null) : this.glance(lane));
      }
      if (fingerprints.length < LANES_AT_ONCE) return this.dispatcher.touchAll();
      after = fingerprints.at(-1)!;
    }
  }

  private async describeAll(fingerprints: readonly string[]): Promise<(Lane | null)[]> {
    const lanes = await this.queue.describe([...new Set(fingerprints)]);
    const byFingerprint = new Map(lanes.map((lane) => [lane.fingerprint, lane]));
    return fingerprints.map((fingerprint) => byFingerprint.get(fingerprint) ?? null);
  }

  private async readOn(lane: LaneQueue): Promise<void> {
    try {
      await this.load(lane, lane.coveredTo);
    } catch (error) {
      // the sweep reads the lane again
      this.logger.warn({ err: error, lane: lane.fingerprint }, 'a lane could not be read');
    } finally {
      this.readsOn.delete(lane);
    }
    // what came beyond the window while the read was under way
    if (lane.isLow && lane.missedWhileLoading) this.dispatcher.fill(lane);
  }

  /**
   * Nothing can be offered now, but a better job that another server has queued must not wait behind the ones known
   * here for as long as they keep every slot busy.
   */
  private async glance(lane: LaneQueue): Promise<void> {
    const takenBefore = this.dispatcher.takenSerial;
    const jobs = await this.queue.waiting(lane.fingerprint, null, GLANCE_SIZE);
    for (const job of jobs) this.dispatcher.add(lane, job, takenBefore);
  }

  private async load(lane: LaneQueue, after: QueuePosition | null): Promise<void> {
    lane.loading = true;
    lane.missedWhileLoading = false;
    try {
      const takenBefore = this.dispatcher.takenSerial;
      // going on, only what has room: the rest would fall out again
      const limit = after === null ? WINDOW_SIZE : Math.max(1, WINDOW_SIZE - lane.waiting.length);
      const jobs = await this.queue.waiting(lane.fingerprint, after, limit);
      const last = jobs.at(-1) ?? after;
      const reachedEnd = jobs.length < limit && !lane.missedWhileLoading;
      lane.cover(reachedEnd ? 'all' : (last ?? 'none'));
      for (const job of jobs) this.dispatcher.add(lane, job, takenBefore);
    } finally {
      lane.loading = false;
    }
  }
}
