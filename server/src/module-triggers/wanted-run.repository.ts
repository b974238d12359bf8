import { Injectable } from '@nestjs/common';
import type { OrganizationId, RunTrigger } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import * as sql from './wanted-run.sql.js';

/** A module of an organization. */
export interface ModuleKey {
  readonly organizationId: OrganizationId;
  readonly moduleId: string;
}

export interface WantedRun {
  readonly trigger: Extract<RunTrigger, 'upstream_output' | 'definition_changed' | 'source_changed'>;
  /** What triggered it, for people. */
  readonly cause: string;
}

@Injectable()
export class WantedRunRepository {
  constructor(private readonly database: Database) {}

  /** @param on the transaction that notes that its trigger is dealt with, where there is one */
  async want(on: Queryable, { organizationId, moduleId }: ModuleKey, { trigger, cause }: WantedRun): Promise<void> {
    await on.query(sql.WANT_RUN, [organizationId, moduleId, trigger, cause]);
  }

  list(limit: number): Promise<ModuleKey[]> {
    return this.database.query(sql.WANTED_RUNS, [limit]);
  }

  /** @returns null: it is not wanted any more, or another server is at it */
  async claim({ organizationId, moduleId }: ModuleKey): Promise<(WantedRun & { readonly version: number }) | null> {
    const values = [organizationId, moduleId];
    const [row] = await this.database.query<WantedRun & { readonly version: number }>(sql.CLAIM_RUN, values);
    return row ?? null;
  }

  /** @returns false: something has triggered it again since, or somebody else has begun it */
  async forget(on: Queryable, { organizationId, moduleId }: ModuleKey, version: number): Promise<boolean> {
    return (await on.query(sql.FORGET_RUN, [organizationId, moduleId, version])).length > 0;
  }
}
