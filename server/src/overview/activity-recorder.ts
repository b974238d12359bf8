import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { OrganizationId, TerminalJobState } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { OverviewRepository } from './overview.repository.js';
import { bucketOf, emptyHistogram } from './wait-histogram.js';

/** The overview looks back one hour. */
const KEPT_SECONDS = 2 * 3_600;
const FORGET_EVERY_MS = 600_000;

const OUTCOMES: Readonly<Record<TerminalJobState, 'succeeded' | 'failed' | 'canceled'>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  timed_out: 'failed',
  lost: 'failed',
  expired: 'failed',
  canceled: 'canceled',
};

/**
 * Counts what this server does for each organization, and adds it to what all servers did every few seconds. A job costs
 * it two additions; a server that is killed takes the last seconds of its counts with it, and nothing but charts notice.
 */
@Injectable()
export class ActivityRecorder implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ActivityRecorder.name);
  private readonly subscriptions: readonly (() => void)[];
  private readonly flushes: Repeating;
  private readonly retention = new Repeating(() => this.forget(), FORGET_EVERY_MS);
  private counted = new Map<OrganizationId, ReturnType<typeof nothing>>();

  constructor(
    @Inject(TIMING_SETTINGS) { sweepEveryMs }: TimingSettings,
    private readonly repository: OverviewRepository,
    bus: EventBus,
  ) {
    this.flushes = new Repeating(() => this.flush(), sweepEveryMs);
    this.subscriptions = [
      bus.on('job.dispatched', ({ organizationId, waitedMs }) => {
        const counts = this.of(organizationId);
        counts.claims += 1;
        counts.waits[bucketOf(waitedMs)]! += 1;
      }),
      bus.on('job.ended', ({ organizationId, state }) => (this.of(organizationId)[OUTCOMES[state]] += 1)),
    ];
  }

  onApplicationBootstrap(): void {
    this.flushes.start();
    this.retention.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
    await Promise.all([this.flushes.stop(), this.retention.stop()]);
    await this.flush();
  }

  private of(organizationId: OrganizationId): ReturnType<typeof nothing> {
    const known = this.counted.get(organizationId);
    if (known) return known;
    const fresh = nothing();
    this.counted.set(organizationId, fresh);
    return fresh;
  }

  /** What could not be stored is dropped: while the database is away there is nothing to count either. */
  private async flush(): Promise<void> {
    const { counted } = this;
    this.counted = new Map();
    try {
      if (counted.size > 0) await this.repository.addActivity(counted);
    } catch (error) {
      this.logger.warn({ err: error, organizations: counted.size }, 'activity of the last seconds was not stored');
    }
  }

  private async forget(): Promise<void> {
    try {
      await this.repository.forget(KEPT_SECONDS);
    } catch (error) {
      this.logger.warn({ err: error }, 'old activity could not be forgotten; tried again later');
    }
  }
}

function nothing() {
  return { claims: 0, succeeded: 0, failed: 0, canceled: 0, waits: emptyHistogram() };
}
