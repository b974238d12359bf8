import type { InstanceId, JobId, RunnerId } from '../ids.js';
import type { JobReason } from '../job/job-reason.js';
import type { AtMostCount } from './explain.js';

/** Jobs are counted up to this number; `more` says that there are more. */
export const MAX_OVERVIEW_COUNT = 10_000;

/** What becomes of the jobs of a lane. `served`: somebody takes the next one; `busy`: somebody will, once a slot is free. */
export const LANE_STANDINGS = ['served', 'busy', 'paused', 'no_runner_online', 'no_runner_matches'] as const;
export type LaneStanding = (typeof LANE_STANDINGS)[number];

export const OVERVIEW_ALERTS = [
  'no_runner_matches',
  'no_runner_online',
  'maintenance',
  'organization_paused',
  'lane_paused',
  'runner_paused',
  'runner_unstable',
] as const;
export type OverviewAlertCode = (typeof OVERVIEW_ALERTS)[number];

/** `GET /api/v1/organization/overview`: the state of the caller's organization at one moment. */
export interface Overview {
  /** By the clock of the database. */
  readonly at: string;
  readonly queued: AtMostCount;
  /** Claimed by an instance, or running there. */
  readonly running: AtMostCount;
  readonly waiting: AtMostCount;
  readonly waitingFor: readonly WaitingFor[];
  /** Most jobs first; of very many lanes the deepest, some of the youngest, and those that no runner fits. */
  readonly lanes: readonly OverviewLane[];
  readonly lanesNotListed: number;
  readonly runners: RunnerCounts;
  /** Of the last minute. */
  readonly claimsPerSecond: number;
  readonly lastHour: ActivityCounts & {
    /** From queued to claimed; null: nothing was claimed. */
    readonly wait: WaitPercentiles | null;
    /** Of the jobs that ended by themselves, 0 to 1; null: none did. */
    readonly successRate: number | null;
  };
  /** The last hour minute by minute, the oldest first. */
  readonly minutes: readonly OverviewMinute[];
  /** The most urgent first. */
  readonly alerts: readonly OverviewAlert[];
}

/** Jobs that are not in the queue yet. */
export interface WaitingFor {
  readonly reason: JobReason;
  /** `reason` in words. */
  readonly text: string;
  readonly count: AtMostCount;
}

/** Queued jobs that demand the same of a runner. */
export interface OverviewLane {
  readonly lane: string;
  /** What they demand, in words. */
  readonly demands: string;
  readonly queued: AtMostCount;
  /** Since when the oldest of those that were looked at is queued. */
  readonly queuedSince: string;
  /** One of them: its page tells runner by runner why it waits. */
  readonly jobId: JobId;
  readonly standing: LaneStanding;
  /** `standing` in one plain sentence. */
  readonly text: string;
}

/** Instances. One that drains or is offline counts only as that, whatever it runs. */
export interface RunnerCounts {
  /** Connected, and nothing runs on them. */
  readonly idle: number;
  readonly busy: number;
  readonly draining: number;
  readonly offline: number;
  /** Slots of those that are idle or busy. */
  readonly slots: number;
  readonly usedSlots: number;
}

export interface ActivityCounts {
  readonly claims: number;
  readonly succeeded: number;
  /** Failed, timed out, lost or expired. */
  readonly failed: number;
  readonly canceled: number;
}

/** Within what share of the claims the job had waited so long, in milliseconds; accurate to a quarter. */
export interface WaitPercentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface OverviewMinute extends ActivityCounts {
  readonly from: string;
  readonly wait: WaitPercentiles | null;
}

export interface OverviewAlert {
  readonly code: OverviewAlertCode;
  /** One plain sentence. */
  readonly text: string;
  /** Whose page tells more; null: it is not about one job. */
  readonly jobId: JobId | null;
  readonly runnerId: RunnerId | null;
  readonly instanceId: InstanceId | null;
}
