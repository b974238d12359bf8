import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { QueuedJob } from '../events/domain-events.js';
import { EventBus } from '../events/event-bus.js';
import { Dispatcher } from './dispatcher.js';
import { InstanceRegistry } from './instance-registry.js';
import { LaneReader } from './lane-reader.js';

/** What events mean for dispatch. Each is a shortcut for what a sweep or a renewal would find later. */
@Injectable()
export class DispatchListener implements OnModuleDestroy {
  private readonly logger = new Logger(DispatchListener.name);
  private readonly subscriptions: readonly (() => void)[];

  constructor(
    bus: EventBus,
    private readonly dispatcher: Dispatcher,
    private readonly lanes: LaneReader,
    registry: InstanceRegistry,
  ) {
    this.subscriptions = [
      bus.on('job.queued', (job) => this.queued(job)),
      bus.on('job.withdrawn', ({ jobId }) => dispatcher.remove(jobId)),
      bus.on('job.cancel-requested', ({ instanceId, order }) => registry.get(instanceId)?.link.cancel(order)),
      bus.on('job.watched', ({ jobId, watched }) => registry.holderOf(jobId)?.link.watched(jobId, watched)),
      bus.on('instance.drain-requested', ({ instanceId }) => {
        const instance = registry.get(instanceId);
        if (!instance) return;
        instance.draining = true;
        dispatcher.refresh(instance);
        instance.link.drain();
      }),
    ];
  }

  onModuleDestroy(): void {
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
  }

  private queued({ jobId, lane: fingerprint, priority, rank }: QueuedJob): void {
    const lane = this.dispatcher.laneOf(fingerprint);
    if (lane) return this.dispatcher.add(lane, { jobId, priority, rank });
    this.lanes.discover(fingerprint).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'a lane could not be read; the sweep will');
    });
  }
}
