import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, JobReason, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import type { QueuedJob } from '../events/domain-events.js';
import * as sql from './admission.sql.js';
import * as supersede from './supersede.sql.js';

/** A concurrency group, or what only the quota of an organization holds back (key ''). */
export interface Target {
  readonly organizationId: OrganizationId;
  readonly key: string;
}

export interface WokenJob extends QueuedJob {
  readonly state: Extract<JobState, 'queued' | 'waiting'>;
  readonly reason: JobReason | null;
  readonly concurrencyKey: string | null;
}

/** A job whose place a newer one took: ended, or asked for through the instance that holds it. */
export interface SupersededJob {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly state: JobState;
  readonly reason: JobReason | null;
  readonly attempt: number;
  readonly concurrencyKey: string | null;
  readonly parentId: JobId | null;
  readonly instanceId: InstanceId | null;
}

/** `waiting`: a fan-out, whose children may begin. */
export interface PromotedJob extends QueuedJob {
  readonly state: Extract<JobState, 'queued' | 'waiting'>;
  readonly reason: JobReason | null;
}

export interface Admitted {
  readonly promoted: readonly PromotedJob[];
  readonly superseded: readonly SupersededJob[];
  /** true: there may be more than one statement took. */
  readonly more: boolean;
}

/** Groups of one organization with a quota that one promotion looks at; the sweep comes to the others by name. */
const GROUPS_OF_ORGANIZATION = 500;
/** Jobs of one target in one statement. */
const JOBS_AT_ONCE = 200;
const SUPERSEDED_AT_ONCE = 1_000;

@Injectable()
export class AdmissionRepository {
  constructor(private readonly database: Database) {}

  /** Lets in whoever fits. All servers together never exceed a limit, because each target has one lock. */
  async admit(asked: readonly Target[]): Promise<Admitted> {
    const targets = await this.database.query<Target>(sql.EXPAND, [...columns(asked), GROUPS_OF_ORGANIZATION]);
    const where = columns(targets);
    return this.database.transaction(async (tx) => {
      await tx.query(sql.LOCK, where);
      const superseded = await this.supersede(tx, where);
      const promoted = await tx.query<PromotedJob>(sql.PROMOTE, [...where, JOBS_AT_ONCE]);
      const more = promoted.length >= JOBS_AT_ONCE || superseded.length >= SUPERSEDED_AT_ONCE;
      return { promoted, superseded, more };
    });
  }

  wake(limit: number): Promise<WokenJob[]> {
    return this.database.query(sql.WAKE, [limit]);
  }

  /** @returns milliseconds until the next pause is over, below 0 when it is; null: nobody pauses */
  async nextWakeInMs(): Promise<number | null> {
    const [row] = await this.database.query<{ inMs: number | null }>(sql.NEXT_WAKE);
    return row?.inMs ?? null;
  }

  /** In order, after the given one. `roomy`: somebody there might be let in. */
  discover(after: Target, limit: number): Promise<(Target & { readonly roomy: boolean })[]> {
    return this.database.query(sql.DISCOVER, [after.organizationId, after.key, limit]);
  }

  async organizationsWithQuota(): Promise<OrganizationId[]> {
    const rows = await this.database.query<{ id: OrganizationId }>(sql.ORGANIZATIONS_WITH_QUOTA);
    return rows.map((row) => row.id);
  }

  private async supersede(tx: Queryable, where: readonly unknown[]): Promise<SupersededJob[]> {
    const older = await tx.query<{ jobId: JobId; newer: JobId }>(supersede.LOCK_SUPERSEDED, [
      ...where,
      SUPERSEDED_AT_ONCE,
    ]);
    if (older.length === 0) return [];
    return tx.query(supersede.CANCEL_SUPERSEDED, [older.map((job) => job.jobId), older.map((job) => job.newer)]);
  }
}

function columns(targets: readonly Target[]): [OrganizationId[], string[]] {
  return [targets.map((target) => target.organizationId), targets.map((target) => target.key)];
}
