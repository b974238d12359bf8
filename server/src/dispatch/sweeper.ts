import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { ExpiryRepository } from './expiry.repository.js';
import { LaneReader } from './lane-reader.js';
import { LossService } from './loss.service.js';
import { LostAttemptRepository } from './lost-attempt.repository.js';

/** Rows in one transaction, so that no sweep holds many locks for long. */
const LEASES_AT_ONCE = 200;
const OVERDUE_AT_ONCE = 500;

/**
 * The repair that makes every event optional: leases that ran out, queue timeouts, and queued jobs that an instance
 * here could take. Several servers may sweep at the same time; rows locked by one are skipped by the others.
 */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Sweeper.name);
  private readonly sweeps: Repeating;
  private reading: Promise<void> | null = null;
  private readNext: Promise<void> | null = null;

  constructor(
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    private readonly database: Database,
    private readonly lostAttempts: LostAttemptRepository,
    private readonly expiry: ExpiryRepository,
    private readonly lanes: LaneReader,
    private readonly losses: LossService,
    private readonly bus: EventBus,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
    await this.reading;
  }

  /** One whole sweep; part of it may fail and is tried again by the next. */
  async sweep(): Promise<void> {
    await this.attempt('leases', () => this.expireLeases());
    await this.attempt('queue timeouts', () => this.expireOverdue());
    await this.readQueue();
  }

  /**
   * Reads the queue now, or once more after the read that is under way: somebody new could take jobs. Whoever waits
   * waits for that read, and not for those that others ask for meanwhile.
   */
  readQueue(): Promise<void> {
    if (this.reading === null) return this.readNow();
    this.readNext ??= this.reading.then(() => {
      this.readNext = null;
      return this.readNow();
    });
    return this.readNext;
  }

  private readNow(): Promise<void> {
    if (this.sweeps.isStopped) return Promise.resolve();
    this.reading = this.attempt('queue', () => this.lanes.readAll()).finally(() => (this.reading = null));
    return this.reading;
  }

  private async expireLeases(): Promise<void> {
    for (let found = LEASES_AT_ONCE; found === LEASES_AT_ONCE && !this.sweeps.isStopped;) {
      const losses = await this.database.transaction(async (tx) => {
        const expired = await this.lostAttempts.lockExpired(tx, LEASES_AT_ONCE);
        found = expired.length;
        return this.lostAttempts.endEach(tx, expired);
      });
      this.losses.tell(losses);
    }
  }

  private async expireOverdue(): Promise<void> {
    for (let found = OVERDUE_AT_ONCE; found >= OVERDUE_AT_ONCE && !this.sweeps.isStopped;) {
      const expired = await this.expiry.expire(OVERDUE_AT_ONCE);
      found = expired.length;
      for (const { jobId, organizationId, reason, concurrencyKey, parentId } of expired) {
        const state = 'expired';
        this.bus.publish('job.withdrawn', { jobId });
        this.bus.publish('job.ended', { organizationId, jobId, state, reason, concurrencyKey, parentId });
        this.bus.publish('job.changed', { organizationId, jobId, state, reason });
      }
    }
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error, part: what }, 'a part of the sweep failed');
    }
  }
}
