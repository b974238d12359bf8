import { Injectable } from '@nestjs/common';
import type { ActivityCounts, InstanceId, JobId, JobReason, OrganizationId, RunnerId } from '@dibs/shared';
import { numberArray } from '../database/array-literals.js';
import { Database } from '../database/database.js';
import * as sql from './overview.sql.js';
import type { WaitHistogram } from './wait-histogram.js';

export interface LaneDepth {
  readonly lane: string;
  readonly count: number;
  readonly queuedSince: Date;
  readonly jobId: JobId;
}

/** What happened to the jobs of an organization in some seconds. */
export interface Activity extends ActivityCounts {
  readonly waits: WaitHistogram;
}

export interface ActivitySlot extends Activity {
  readonly slot: Date;
}

export interface UnstableInstance {
  readonly runnerId: RunnerId;
  readonly runner: string;
  readonly instanceId: InstanceId;
  readonly instance: string;
  readonly losses: number;
}

/** Every read is of one organization, and none grows with the number of its jobs. */
@Injectable()
export class OverviewRepository {
  constructor(private readonly database: Database) {}

  queued(organizationId: OrganizationId): Promise<LaneDepth[]> {
    return this.database.query(sql.QUEUED, [organizationId]);
  }

  laneDepths(organizationId: OrganizationId, lanes: readonly string[]): Promise<LaneDepth[]> {
    return this.database.query(sql.LANE_DEPTHS, [organizationId, lanes]);
  }

  async queuedLanes(organizationId: OrganizationId, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ lane: string }>(sql.QUEUED_LANES, [organizationId, limit]);
    return rows.map(({ lane }) => lane);
  }

  async hopelessLanes(organizationId: OrganizationId, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ lane: string }>(sql.HOPELESS_LANES, [organizationId, limit]);
    return rows.map(({ lane }) => lane);
  }

  waiting(organizationId: OrganizationId): Promise<{ reason: JobReason; count: number }[]> {
    return this.database.query(sql.WAITING, [organizationId]);
  }

  async running(organizationId: OrganizationId): Promise<{ at: Date; count: number }> {
    const [row] = await this.database.query<{ at: Date; count: number }>(sql.RUNNING, [organizationId]);
    return row!;
  }

  activity(organizationId: OrganizationId, seconds: number): Promise<ActivitySlot[]> {
    return this.database.query(sql.ACTIVITY, [organizationId, seconds]);
  }

  unstable(organizationId: OrganizationId, seconds: number, from: number, limit: number): Promise<UnstableInstance[]> {
    return this.database.query(sql.UNSTABLE, [organizationId, seconds, from, limit]);
  }

  async addActivity(counted: ReadonlyMap<OrganizationId, Activity>): Promise<void> {
    const all = [...counted.values()];
    await this.database.query(sql.ADD_ACTIVITY, [
      [...counted.keys()],
      all.map(({ claims }) => claims),
      all.map(({ succeeded }) => succeeded),
      all.map(({ failed }) => failed),
      all.map(({ canceled }) => canceled),
      all.map(({ waits }) => numberArray(waits)),
    ]);
  }

  async forget(olderThanSeconds: number): Promise<void> {
    await this.database.query(sql.FORGET, [olderThanSeconds]);
  }
}
