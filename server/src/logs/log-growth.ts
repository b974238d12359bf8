import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { KeyedListeners } from '../events/keyed-listeners.js';

/** Tells those who follow the log of one job that it may have grown, ended, or gone on with another attempt. */
@Injectable()
export class LogGrowth implements OnModuleDestroy {
  private readonly listeners = new KeyedListeners<JobId, void>();
  private readonly unsubscribe: readonly (() => void)[];

  constructor(bus: EventBus) {
    this.unsubscribe = [
      bus.on('log.appended', ({ jobId }) => this.listeners.tell(jobId)),
      bus.on('job.changed', ({ jobId }) => this.listeners.tell(jobId)),
    ];
  }

  /** @returns a function that ends the subscription */
  on(jobId: JobId, listener: () => void): () => void {
    return this.listeners.on(jobId, listener);
  }

  onModuleDestroy(): void {
    this.unsubscribe.forEach((end) => end());
  }
}
