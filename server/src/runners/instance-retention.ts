import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { OrganizationId, RunnerId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { RETENTION_SETTINGS, type RetentionSettings } from '../platform/settings.js';
import { ConnectionRepository } from './connection.repository.js';

const LOOK_EVERY_MS = 3_600_000;
/** A history for people: what they look for is recent, or it is in the logs of the machine. */
const CONNECTIONS_KEPT = { days: 30, perInstance: 100 } as const;

/**
 * Instances that were gone for so long and hold nothing. Two servers may forget the same ones: the second finds them
 * gone. Nothing refers to the row: attempts keep the names of who ran them, and a pinned job waits for a name.
 */
const FORGET: Statement = {
  name: 'forget-instances',
  text: /* sql */ `
    DELETE FROM runner_instances i
    WHERE i.session_id IS NULL
      AND COALESCE(i.disconnected_at, i.last_seen_at) < clock_timestamp() - make_interval(days => $1)
      AND NOT EXISTS (
        SELECT FROM jobs j
        WHERE j.organization_id = i.organization_id AND j.instance_id = i.id AND j.stage = 'held')
    RETURNING i.organization_id AS "organizationId", i.runner_id AS "runnerId"`,
};

/** Forgets old connections, and instances that do not come back, such as the pods of earlier deployments, which all had names of their own. */
@Injectable()
export class InstanceRetention implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(InstanceRetention.name);
  private readonly looks = new Repeating(() => this.look(), LOOK_EVERY_MS);

  constructor(
    @Inject(RETENTION_SETTINGS) private readonly settings: RetentionSettings,
    private readonly database: Database,
    private readonly connections: ConnectionRepository,
    private readonly bus: EventBus,
  ) {}

  onApplicationBootstrap(): void {
    this.looks.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.looks.stop();
  }

  /** @returns how many instances were forgotten */
  async forget(): Promise<number> {
    await this.connections.forget(CONNECTIONS_KEPT.days, CONNECTIONS_KEPT.perInstance);
    if (this.settings.instanceDays === 0) return 0;
    const gone = await this.database.query<{ organizationId: OrganizationId; runnerId: RunnerId }>(FORGET, [
      this.settings.instanceDays,
    ]);
    const runners = new Map(gone.map((instance) => [instance.runnerId, instance]));
    for (const { organizationId, runnerId } of runners.values()) {
      this.bus.publish('runner.changed', { organizationId, runnerId });
    }
    return gone.length;
  }

  private async look(): Promise<void> {
    try {
      const instances = await this.forget();
      if (instances > 0) this.logger.log({ instances, afterDays: this.settings.instanceDays }, 'instances forgotten');
    } catch (error) {
      this.logger.warn({ err: error }, 'instances could not be forgotten; tried again in an hour');
    }
  }
}
