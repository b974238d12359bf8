import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { OrganizationId, RunnerId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { TIMING_SETTINGS } from '../platform/settings.js';
import type { TimingSettings } from '../platform/settings.js';
import { RunnerEntity } from './runner.entity.js';
import { GET_RUNNER, LIST_INSTANCES, LIST_RUNNERS, REQUEST_DRAIN } from './runner.sql.js';
import type { InstanceRow, RunnerRow } from './runner.sql.js';

/** Runner records with what their instances are doing at this moment, by the database's clock. */
/** What an operator wants of instances. `wanted` false: that they take jobs again. */
export interface DrainRequest {
  readonly wanted: boolean;
  /** What still runs then is given up. */
  readonly deadlineSeconds?: number | undefined;
}

@Injectable()
export class RunnerRepository {
  constructor(
    private readonly database: Database,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  /** Newest first. */
  list(organizationId: OrganizationId, before: string | null, limit: number): Promise<RunnerRow[]> {
    return this.database.query<RunnerRow>(LIST_RUNNERS, [organizationId, this.timing.offlineAfterMs, before, limit]);
  }

  async get(organizationId: OrganizationId, id: string): Promise<RunnerRow | null> {
    const values = [organizationId, this.timing.offlineAfterMs, id];
    return (await this.database.query<RunnerRow>(GET_RUNNER, values))[0] ?? null;
  }

  /** By name. */
  instances(
    organizationId: OrganizationId,
    runnerId: string,
    after: string | null,
    limit: number,
  ): Promise<InstanceRow[]> {
    const values = [organizationId, this.timing.offlineAfterMs, runnerId, after, limit];
    return this.database.query<InstanceRow>(LIST_INSTANCES, values);
  }

  /** @param name null: every instance */
  async requestDrain(
    manager: EntityManager,
    organizationId: OrganizationId,
    runnerId: string,
    name: string | null,
    { wanted, deadlineSeconds }: DrainRequest,
  ): Promise<InstanceRow[]> {
    const values = [organizationId, this.timing.offlineAfterMs, runnerId, name, wanted, deadlineSeconds ?? null];
    // TypeORM answers an UPDATE … RETURNING with rows and their count
    const [rows] = await manager.query<[InstanceRow[], number]>(REQUEST_DRAIN, values);
    return rows;
  }

  /** For a change: nobody else changes or deletes the record until the transaction ends. */
  lock(manager: EntityManager, organizationId: OrganizationId, id: string): Promise<RunnerEntity | null> {
    return manager.findOne(RunnerEntity, {
      where: { organizationId, id: id as RunnerId },
      lock: { mode: 'pessimistic_write' },
    });
  }

  lockByName(manager: EntityManager, organizationId: OrganizationId, name: string): Promise<RunnerEntity | null> {
    return manager.findOne(RunnerEntity, { where: { organizationId, name }, lock: { mode: 'pessimistic_write' } });
  }

  async holdsAttempts(manager: EntityManager, runnerId: RunnerId): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `SELECT 1 FROM runner_instances i JOIN jobs j ON j.organization_id = i.organization_id AND j.instance_id = i.id
       WHERE i.runner_id = $1 AND j.stage = 'held' LIMIT 1`,
      [runnerId],
    );
    return rows.length > 0;
  }
}
