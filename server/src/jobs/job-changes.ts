import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JobHint, JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { KeyedListeners } from '../events/keyed-listeners.js';

/** Tells those who wait for one job that it changed. */
@Injectable()
export class JobChanges implements OnModuleDestroy {
  private readonly listeners = new KeyedListeners<JobId, JobHint>();
  private readonly unsubscribe: () => void;

  constructor(bus: EventBus) {
    this.unsubscribe = bus.on('job.changed', (hint) => this.listeners.tell(hint.jobId, hint));
  }

  /** @returns a function that ends the subscription */
  on(jobId: JobId, listener: (hint: JobHint) => void): () => void {
    return this.listeners.on(jobId, listener);
  }

  onModuleDestroy(): void {
    this.unsubscribe();
  }
}
