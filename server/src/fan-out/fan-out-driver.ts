import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { PauseBook } from '../dispatch/pause-book.js';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
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
  private readonly sweeps: Repeating;
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly fanOuts: FanOutRepository,
    private readonly service: FanOutService,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    pauses: PauseBook,
    bus: EventBus,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
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
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    const swept = this.sweeps.stop();
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
    await swept;
    await Promise.all(this.running);
  }

  private async sweep(): Promise<void> {
    try {
      for (let after = NO_ID; !this.sweeps.isStopped;) {
        const open = await this.fanOuts.open(after, PARENTS_AT_ONCE);
        for (const key of open) this.lookAt(key);
        if (open.length < PARENTS_AT_ONCE) return;
        after = open.at(-1)!.jobId;
      }
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'fan-outs could not be listed; the next sweep will');
    }
  }

  private lookAt(key: ParentKey): void {
    if (this.sweeps.isStopped) return;
    const current = this.looking.get(key.jobId);
    if (current) current.again = true;
    else this.keep(this.look(key));
  }

  private async look(key: ParentKey): Promise<void> {
    const entry = { again: true };
    this.looking.set(key.jobId, entry);
    try {
      while (entry.again && !this.sweeps.isStopped) {
        entry.again = false;
        await this.service.drive(key);
      }
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error, jobId: key.jobId }, 'a fan-out could not be driven');
    } finally {
      this.looking.delete(key.jobId);
    }
  }

  private keep(work: Promise<void>): void {
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }
}
