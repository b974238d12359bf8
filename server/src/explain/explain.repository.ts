import { Inject, Injectable } from '@nestjs/common';
import type { FanOutSpec, InstanceId, JobId, JobReason, JobState, OrganizationId, RunnerId, Tool } from '@dibs/shared';
import { Database } from '../database/database.js';
import type { Assignments } from '../domain/dispatch/eligibility.js';
import type { StoredDemands } from '../domain/dispatch/lanes.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import * as sql from './explain.sql.js';
import { toAssignments, toToolMap, type AssignmentRow } from './known-instances.repository.js';

export interface ExplainedJob {
  readonly id: JobId;
  readonly state: JobState;
  readonly reason: JobReason | null;
  readonly lane: string;
  readonly concurrencyKey: string | null;
  readonly concurrencyLimit: number | null;
  readonly wakeAt: Date | null;
  readonly queueExpiresAt: Date;
  readonly demands: StoredDemands;
  /** null: it is not fanned out. */
  readonly fanOut: FanOutSpec | null;
  readonly runnerId: RunnerId | null;
  readonly runner: string | null;
  readonly instanceId: InstanceId | null;
  readonly instance: string | null;
  /** Up to one more than is told; null: it is not queued. */
  readonly aheadInLane: number | null;
}

export interface KnownRunner {
  readonly id: RunnerId;
  readonly name: string;
  readonly priority: number;
  readonly disabled: boolean;
  readonly assignments: Assignments;
  /** How many processes were ever connected under it. */
  readonly instances: number;
}

export interface KnownInstance {
  readonly id: InstanceId;
  readonly runnerId: RunnerId;
  readonly name: string;
  readonly online: boolean;
  readonly draining: boolean;
  readonly slots: number;
  readonly usedSlots: number;
  readonly tools: ReadonlyMap<string, string | null>;
  readonly labels: Readonly<Record<string, string>>;
}

/** `total`: all of them, also those beyond the limit. */
export interface Known<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export interface GroupState {
  readonly active: number;
  readonly older: number;
  readonly heldBy: readonly { readonly id: JobId; readonly name: string; readonly state: JobState }[];
}

type RunnerRow = Omit<KnownRunner, 'assignments'> & AssignmentRow & { readonly total: number };
type InstanceRow = Omit<KnownInstance, 'tools' | 'labels'> & {
  readonly total: number;
  readonly kind: string;
  /** Told by one instance of each kind. */
  readonly tools: readonly Tool[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
};

/** What an explanation is made of, in a few statements that do not grow with the queue. */
@Injectable()
export class ExplainRepository {
  constructor(
    private readonly database: Database,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  async find(organizationId: OrganizationId, id: JobId): Promise<ExplainedJob | null> {
    const [job] = await this.database.query<ExplainedJob>(sql.FIND, [organizationId, id]);
    return job ?? null;
  }

  /** @param headStartMs what its priority is worth */
  async aheadOfNew(lane: string, headStartMs: number): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(sql.AHEAD_OF_NEW, [lane, headStartMs]);
    return row?.count ?? 0;
  }

  async group(organizationId: OrganizationId, key: string, before: JobId | null): Promise<GroupState> {
    const [row] = await this.database.query<GroupState>(sql.GROUP, [organizationId, key, before]);
    return row ?? { active: 0, older: 0, heldBy: [] };
  }

  /** @returns null: the organization has none */
  async quota(organizationId: OrganizationId): Promise<{ limit: number; used: number } | null> {
    const [row] = await this.database.query<{ limit: number; used: number }>(sql.QUOTA, [organizationId]);
    return row ? { limit: row.limit, used: Math.min(row.used, row.limit) } : null;
  }

  async runners(organizationId: OrganizationId, pinned: string | null): Promise<Known<KnownRunner>> {
    const rows = await this.database.query<RunnerRow>(sql.RUNNERS, [organizationId, pinned, sql.MAX_RUNNERS]);
    return { items: rows.map(toRunner), total: rows[0]?.total ?? 0 };
  }

  async instances(organizationId: OrganizationId, pinned: string | null): Promise<Known<KnownInstance>> {
    const { offlineAfterMs } = this.timing;
    const values = [organizationId, offlineAfterMs, pinned, sql.MAX_INSTANCES];
    const rows = await this.database.query<InstanceRow>(sql.INSTANCES, values);
    const kinds = new Map(rows.filter((row) => row.tools !== null).map((row) => [row.kind, kindOf(row)]));
    const items = rows.map(({ total: _, kind, ...row }) => ({ ...row, ...kinds.get(kind)! }));
    return { items, total: rows[0]?.total ?? 0 };
  }
}

function kindOf({ tools, labels }: InstanceRow): Pick<KnownInstance, 'tools' | 'labels'> {
  return { tools: toToolMap(tools ?? []), labels: labels ?? {} };
}

function toRunner({ id, name, priority, disabled, instances, ...assignments }: RunnerRow): KnownRunner {
  return { id, name, priority, disabled, instances, assignments: toAssignments(assignments) };
}
