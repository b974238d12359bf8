import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import { Dispatcher } from './dispatcher.js';
import { LaneReader } from './lane-reader.js';
import { Sweeper } from './sweeper.js';

/** What hints of other servers mean for this one's picture of the queue. Each repairs sooner what a sweep would. */
@Injectable()
export class ElsewhereListener implements OnModuleDestroy {
  private readonly logger = new Logger(ElsewhereListener.name);
  private readonly subscriptions: readonly (() => void)[];

  constructor(
    bus: EventBus,
    private readonly dispatcher: Dispatcher,
    private readonly lanes: LaneReader,
    sweeper: Sweeper,
  ) {
    this.subscriptions = [
      bus.on('lane.grown', ({ lane }) => this.grown(lane)),
      // taken on another server: an offer of it here could only be refused
      bus.on('job.changed', ({ jobId, state }) => state !== 'queued' && dispatcher.remove(jobId)),
      bus.on('bus.gap', () => void sweeper.readQueue()),
    ];
  }

  onModuleDestroy(): void {
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
  }

  /** The window no longer reaches to the end of the lane: it is read on from where it ends when it runs low. */
  private grown(fingerprint: string): void {
    const lane = this.dispatcher.laneOf(fingerprint);
    if (lane) {
      if (lane.coveredTo === null) lane.cover(lane.waiting.last ?? 'none');
      lane.missedWhileLoading ||= lane.loading;
      return this.dispatcher.fill(lane);
    }
    this.lanes.discover(fingerprint).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'a lane could not be read; the sweep will');
    });
  }
}
