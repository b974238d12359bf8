import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { OrganizationId, RunnerId } from '@dibs/shared';
import { PauseBook, type PauseNote, type PauseTarget } from '../dispatch/pause-book.js';
import { EventBus } from '../events/event-bus.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { PauseRepository, type PauseRow } from './pause.repository.js';

/**
 * Keeps the book of this server as the rows are: before it serves anybody, on every hint, and with every period of the
 * sweep, so that a pause made on another server holds here too, whatever became of the hint.
 */
@Injectable()
export class PauseWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(PauseWatch.name);
  private readonly subscriptions: readonly (() => void)[];
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> | null = null;
  private next: Promise<void> | null = null;

  constructor(
    private readonly pauses: PauseRepository,
    private readonly book: PauseBook,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    bus: EventBus,
  ) {
    const refresh = (): void => void this.refresh();
    this.subscriptions = [bus.on('pauses.changed', refresh), bus.on('bus.gap', refresh)];
  }

  /** Fails the start when the database does not answer: without the book a paused runner would be given jobs. */
  async onModuleInit(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => void this.refresh(), this.timing.sweepEveryMs);
  }

  async onModuleDestroy(): Promise<void> {
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
    clearInterval(this.timer ?? undefined);
    this.timer = null;
    await this.next;
    await this.reading;
  }

  /** Resolves when rows read after this call are in the book, or could not be read. Never rejects. */
  refresh(): Promise<void> {
    if (this.reading === null) return this.readNow();
    this.next ??= this.reading.then(() => {
      this.next = null;
      return this.readNow();
    });
    return this.next;
  }

  private readNow(): Promise<void> {
    this.reading = this.read()
      .catch((error: unknown) => {
        // what was known goes on to hold
        if (this.timer !== null) this.logger.warn({ err: error }, 'the pauses could not be read; the next sweep will');
      })
      .finally(() => (this.reading = null));
    return this.reading;
  }

  private async read(): Promise<void> {
    this.book.replace((await this.pauses.current()).map(noteOf));
  }
}

function noteOf({ id, note, who, since, ...row }: PauseRow): PauseNote {
  return { id, target: targetOf(row), note, who, since };
}

function targetOf({
  kind,
  targetId,
  organizationId,
}: Pick<PauseRow, 'kind' | 'targetId' | 'organizationId'>): PauseTarget {
  switch (kind) {
    case 'server':
      return { type: 'server' };
    case 'organization':
      return { type: 'organization', id: targetId as OrganizationId };
    case 'lane':
      return { type: 'lane', organizationId, id: targetId };
    case 'runner':
      return { type: 'runner', id: targetId as RunnerId };
  }
}
