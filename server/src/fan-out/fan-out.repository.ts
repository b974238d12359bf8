import { Injectable } from '@nestjs/common';
import type { CancelMode, InstanceId, JobId, JobReason, JobSpec, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import type { ChildrenByState } from '../domain/job/fan-out.js';
import * as sql from './fan-out.sql.js';

export interface ParentKey {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
}

/** A parent that its transaction has locked. */
export interface LockedParent extends ParentKey {
  readonly spec: JobSpec;
  readonly secrets: Buffer | null;
  readonly secretNames: readonly string[];
  readonly submittedBy: string;
  readonly lane: string;
  readonly rank: number;
  /** null: nobody has asked to cancel it. */
  readonly cancelMode: CancelMode | null;
  readonly concurrencyKey: string | null;
}

export interface FanOutPlan {
  /** null: all at once. */
  readonly batchSize: number | null;
}

export interface ChildCounts {
  readonly byState: ChildrenByState;
  /** Those that were made and may not begin yet. */
  readonly waitingForTurn: number;
}

export interface ReleasedChild {
  readonly jobId: JobId;
  /** `waiting`: for the quota of its organization. */
  readonly state: Extract<JobState, 'queued' | 'waiting'>;
  readonly reason: JobReason | null;
  readonly lane: string;
  readonly priority: number;
  readonly rank: number;
}

export interface CanceledChild {
  readonly jobId: JobId;
  readonly state: JobState;
  readonly reason: JobReason | null;
  readonly attempt: number;
  /** null: nobody holds it, so it has ended. */
  readonly instanceId: InstanceId | null;
}

/** Parents and their children, inside the transaction that has locked the parent. */
@Injectable()
export class FanOutRepository {
  constructor(private readonly database: Database) {}

  open(after: string, limit: number): Promise<ParentKey[]> {
    return this.database.query(sql.OPEN_FAN_OUTS, [after, limit]);
  }

  /** @returns null: it has ended, or is none */
  async lock(tx: Queryable, { organizationId, jobId }: ParentKey): Promise<LockedParent | null> {
    const [row] = await tx.query<LockedParent>(sql.LOCK_PARENT, [organizationId, jobId]);
    return row ?? null;
  }

  /** @returns null: it was not fanned out yet */
  async plan(tx: Queryable, { jobId }: ParentKey): Promise<FanOutPlan | null> {
    const [row] = await tx.query<FanOutPlan>(sql.FIND_PLAN, [jobId]);
    return row ?? null;
  }

  /** To be called when the children are there. @param skipped names of what was left out */
  async recordPlan(
    tx: Queryable,
    { organizationId, jobId }: ParentKey,
    { batchSize, children, skipped }: FanOutPlan & { readonly children: number; readonly skipped: readonly string[] },
  ): Promise<void> {
    await tx.query(sql.RECORD_PLAN, [organizationId, jobId, batchSize, JSON.stringify(skipped), children]);
  }

  async count(tx: Queryable, { organizationId, jobId }: ParentKey): Promise<ChildCounts> {
    const rows = await tx.query<{ state: JobState; count: number; turns: number }>(sql.COUNT_CHILDREN, [
      organizationId,
      jobId,
    ]);
    return {
      byState: Object.fromEntries(rows.map(({ state, count }) => [state, count])),
      waitingForTurn: rows.find(({ state }) => state === 'waiting')?.turns ?? 0,
    };
  }

  release(tx: Queryable, { organizationId, jobId }: ParentKey, limit: number): Promise<ReleasedChild[]> {
    return tx.query(sql.RELEASE_CHILDREN, [organizationId, jobId, limit]);
  }

  cancel(
    tx: Queryable,
    { organizationId, jobId }: ParentKey,
    mode: CancelMode,
    limit: number,
  ): Promise<CanceledChild[]> {
    return tx.query(sql.CANCEL_CHILDREN, [organizationId, jobId, mode, limit]);
  }

  async end(
    tx: Queryable,
    { organizationId, jobId }: ParentKey,
    { state, reason }: { readonly state: JobState; readonly reason: JobReason },
  ): Promise<void> {
    await tx.query(sql.END_PARENT, [organizationId, jobId, state, reason]);
  }
}
