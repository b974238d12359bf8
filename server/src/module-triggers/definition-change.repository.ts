import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import * as sql from './definition-change.sql.js';

/** An organization, stack, namespace or module. */
export interface ChangedNode {
  readonly organizationId: OrganizationId;
  readonly nodeId: string;
}

/** How many times as long as the quiet after the last change the first one waits at most. */
const QUIETS_AT_MOST = 12;
const NO_ID = '00000000-0000-0000-0000-000000000000';
const MODULES_AT_ONCE = 500;

@Injectable()
export class DefinitionChangeRepository {
  private readonly quietSeconds: number;

  constructor(
    private readonly database: Database,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    this.quietSeconds = timing.sweepEveryMs / 1_000;
  }

  pending(): Promise<ChangedNode[]> {
    return this.database.query(sql.PENDING_CHANGES, [this.quietSeconds, QUIETS_AT_MOST * this.quietSeconds]);
  }

  /** @returns which change; null: there is none any more, or another server is at it */
  async claim({ organizationId, nodeId }: ChangedNode): Promise<number | null> {
    const [row] = await this.database.query<{ version: number }>(sql.CLAIM_CHANGE, [organizationId, nodeId]);
    return row?.version ?? null;
  }

  async finish({ organizationId, nodeId }: ChangedNode, version: number): Promise<void> {
    await this.database.query(sql.FINISH_CHANGE, [organizationId, nodeId, version]);
  }

  /** The node itself, or those inside it, that have ever been run. */
  async *modulesInside({ organizationId, nodeId }: ChangedNode): AsyncGenerator<string> {
    for (let after = NO_ID; ;) {
      const values = [organizationId, nodeId, after, MODULES_AT_ONCE];
      const rows = await this.database.query<{ id: string }>(sql.MODULES_INSIDE, values);
      for (const { id } of rows) yield id;
      if (rows.length < MODULES_AT_ONCE) return;
      after = rows.at(-1)!.id;
    }
  }
}
