import { Injectable } from '@nestjs/common';
import type { InstanceId, OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { FIND_INSTANCE, FORGET_CONNECTIONS, LIST_CONNECTIONS, type ConnectionRow } from './runner.sql.js';

/** The connections of instances that have ended; written where they end (runner-gateway). */
@Injectable()
export class ConnectionRepository {
  constructor(private readonly database: Database) {}

  /** @returns null: the runner has no instance of this name */
  async findInstance(organizationId: OrganizationId, runnerId: string, name: string): Promise<InstanceId | null> {
    const [row] = await this.database.query<{ id: InstanceId }>(FIND_INSTANCE, [organizationId, runnerId, name]);
    return row?.id ?? null;
  }

  /** The last one first. */
  list(
    organizationId: OrganizationId,
    instanceId: InstanceId,
    before: string | null,
    limit: number,
  ): Promise<ConnectionRow[]> {
    return this.database.query(LIST_CONNECTIONS, [organizationId, instanceId, before, limit]);
  }

  /** @param perInstance the last so many of each instance are kept */
  async forget(olderThanDays: number, perInstance: number): Promise<void> {
    await this.database.query(FORGET_CONNECTIONS, [olderThanDays, perInstance]);
  }
}
