import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { RECORD_LOST_CLAIMS } from './timeline.sql.js';

/** Losers come within milliseconds of each other, so one row tells of all of them. */
const COLLECT_MS = 1_000;
/** A flood beyond this is not worth its memory: the time line then tells of fewer losers than there were. */
const MAX_JOBS = 10_000;

interface Lost {
  readonly organizationId: OrganizationId;
  count: number;
}

/** Adds up the claims that came too late and writes them down, outside the way of any job. */
@Injectable()
export class LostClaims implements OnModuleDestroy {
  private readonly logger = new Logger(LostClaims.name);
  private readonly unsubscribe: () => void;
  private lost = new Map<JobId, Lost>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    bus: EventBus,
  ) {
    this.unsubscribe = bus.on('claims.lost', ({ organizationId, jobId, count }) => {
      const known = this.lost.get(jobId);
      if (known) known.count += count;
      else if (this.lost.size < MAX_JOBS) this.lost.set(jobId, { organizationId, count });
      this.timer ??= setTimeout(() => this.flush(), COLLECT_MS);
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    clearTimeout(this.timer ?? undefined);
    this.flush();
    await this.writing;
  }

  private flush(): void {
    this.timer = null;
    const lost = [...this.lost];
    this.lost = new Map();
    if (lost.length > 0) this.writing = this.writing.then(() => this.write(lost));
  }

  private async write(lost: readonly (readonly [JobId, Lost])[]): Promise<void> {
    try {
      await this.database.query(RECORD_LOST_CLAIMS, [
        lost.map(([, { organizationId }]) => organizationId),
        lost.map(([jobId]) => jobId),
        lost.map(([, { count }]) => count),
      ]);
    } catch (error) {
      this.logger.warn({ err: error, jobs: lost.length }, 'lost claims could not be written down');
    }
  }
}
