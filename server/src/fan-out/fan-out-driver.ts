import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { PauseBook } from '../dispatch/pause-book.js';
import { EventBus } from '../events/event-bus.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import type { ParentKey } from './fan-out.repository.js';
import { FanOutRepository } from './fan-out.repository.js';
import { FanOutService } from './fan-out.service.js';

const PARENTS_AT_ONCE = 200;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * When a fan-out is looked at: as soon as its parent or one of its children changed, and with every sweep, which makes
 * each of those hints optional. One look at a parent at a time; what comes meanwhile is one more look after it.
 */
@Injectable()
export class FanOutDriver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(FanOutDriver.name);
  private readonly looking = new Map<JobId, { again: boolean }>();
  private readonly subscriptions: readonly (() => void)[];
  private timer: NodeJS.Timeout | null = null;
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly fanOuts: FanOutRepository,
    private readonly service: FanOutService,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    pauses: PauseBook,
    bus: EventBus,
  ) {
    this.subscriptions = [
      bus.on('job.changed', ({ organizationId, jobId, state, reason }) => {
        if (state === 'waiting' && reason === 'fan_out') this.lookAt({ organizationId, jobId });
      }),
      bus.on('job.ended', ({ organizationId, parentId }) => {
        if (parentId !== null) this.lookAt({ organizationId, jobId: parentId });
      }),
      pauses.onChange(() => this.keep(this.sweep())),
    ];
  }

  onApplicationBootstrap(): void {
    this.next(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
    clearTimeout(this.timer ?? undefined);
    await Promise.all(this.running);
  }

  private next(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => this.keep(this.sweep().finally(() => this.next(this.timing.sweepEveryMs))), delayMs);
  }

  private async sweep(): Promise<void> {
    try {
      for (let after = NO_ID; !this.stopped;) {
        const open = await this.fanOuts.open(after, PARENTS_AT_ONCE);
        for (const key of open) this.lookAt(key);
        if (open.length < PARENTS_AT_ONCE) return;
        after = open.at(-1)!.jobId;
      }
    } catch (error) {
      if (!this.stopped) this.logger.warn({ err: error }, 'fan-outs could not be listed; the next sweep will');
    }
  }

  private lookAt(key: ParentKey): void {
    if (this.stopped) return;
    const current = this.looking.get(key.jobId);
    if (current) current.again = true;
    else this.keep(this.look(key));
  }

  private async look(key: ParentKey): Promise<void> {
    const entry = { again: true };
    this.looking.set(key.jobId, entry);
    try {
      while (entry.again && !this.stopped) {
        entry.again = false;
        await this.service.drive(key);
      }
    } catch (error) {
      if (!this.stopped) this.logger.warn({ err: error, jobId: key.jobId }, 'a fan-out could not be driven');
    } finally {
      this.looking.delete(key.jobId);
    }
  }

  private keep(work: Promise<void>): void {
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }
}
