import { Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import * as sql from './output-trigger.sql.js';

/** The module whose outputs have changed. */
export interface Upstream {
  readonly organizationId: OrganizationId;
  readonly moduleId: string;
}

export interface OutputChange {
  readonly version: number;
  /** Names of outputs that changed since the last look. */
  readonly changed: readonly string[];
}

@Injectable()
export class OutputTriggerRepository {
  constructor(private readonly database: Database) {}

  pending(): Promise<Upstream[]> {
    return this.database.query(sql.PENDING_CHANGES);
  }

  /** @returns null: nothing is new, or another server is at it */
  async claim({ organizationId, moduleId }: Upstream): Promise<OutputChange | null> {
    const [row] = await this.database.query<OutputChange>(sql.CLAIM_CHANGE, [organizationId, moduleId]);
    return row ?? null;
  }

  async finish({ organizationId, moduleId }: Upstream, version: number): Promise<void> {
    await this.database.query(sql.FINISH_CHANGE, [organizationId, moduleId, version]);
  }

  async takers({ organizationId, moduleId }: Upstream): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(sql.TAKERS, [organizationId, moduleId]);
    return rows.map(({ id }) => id);
  }

  /** @returns true: a run of everything in its stack or namespace has the module applied with the change, or destroyed */
  async isSeenTo({ organizationId, moduleId }: Upstream, takerId: string, version: number): Promise<boolean> {
    return (await this.database.query(sql.IS_SEEN_TO, [organizationId, takerId, moduleId, version])).length > 0;
  }
}
