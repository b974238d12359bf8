import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { timeOfId } from '../domain/logs/id-time.js';
import { hourOf } from '../domain/logs/log-floor.js';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';

/** In one order, so that two servers wait for each other instead of deadlocking. */
const ADD: Statement = {
  name: 'log-usage.add',
  text: /* sql */ `
    INSERT INTO log_usage AS u (organization_id, hour, bytes)
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::bigint[]) AS i (organization_id, hour, bytes)
    ORDER BY organization_id, hour
    ON CONFLICT (organization_id, hour) DO UPDATE SET bytes = u.bytes + EXCLUDED.bytes`,
};

interface Usage {
  readonly organizationId: OrganizationId;
  readonly hour: number;
  bytes: number;
}

/**
 * Counts what each organization stores, by the hour of its jobs, and adds it to what all servers did every few seconds:
 * a log line costs no write of its own. A server that is killed takes the last seconds of its counts with it.
 */
@Injectable()
export class LogUsage implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LogUsage.name);
  private readonly unsubscribe: () => void;
  private readonly flushes: Repeating;
  private counted = new Map<string, Usage>();

  constructor(
    @Inject(TIMING_SETTINGS) { sweepEveryMs }: TimingSettings,
    private readonly database: Database,
    bus: EventBus,
  ) {
    this.flushes = new Repeating(() => this.flush(), sweepEveryMs);
    this.unsubscribe = bus.on('log.stored', ({ organizationId, jobId, bytes }) => {
      const hour = hourOf(timeOfId(jobId));
      const key = `${organizationId} ${hour}`;
      const usage = this.counted.get(key);
      if (usage) usage.bytes += bytes;
      else this.counted.set(key, { organizationId, hour, bytes });
    });
  }

  onApplicationBootstrap(): void {
    this.flushes.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    await this.flushes.stop();
    await this.flush();
  }

  /** What could not be added is dropped: while the database is away no line is stored either. */
  async flush(): Promise<void> {
    const usages = [...this.counted.values()];
    this.counted = new Map();
    if (usages.length === 0) return;
    try {
      await this.database.query(ADD, [
        usages.map(({ organizationId }) => organizationId),
        usages.map(({ hour }) => hour),
        usages.map(({ bytes }) => bytes),
      ]);
    } catch (error) {
      this.logger.warn({ err: error }, 'what was stored in the last seconds does not count in the size of logs');
    }
  }
}
