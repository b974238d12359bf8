import type { InstanceId, JobId, RunnerId } from '../ids.js';
import type { EngineResult } from '../job/engine-spec.js';
import type { JobReason } from '../job/job-reason.js';
import type {
  ConcurrencySpec,
  ExecutorType,
  FanOutSpec,
  FileSpec,
  JobScope,
  JobSpec,
  OnLost,
  RetrySpec,
  SourceBody,
  StepShell,
} from '../job/job-spec.js';
import type { JobState, StepState } from '../job/job-state.js';
import type { CancelMode } from '../protocol/renew.js';

/** Body of `POST /api/v1/jobs`. Everything but `steps` may be left out. */
export interface SubmitJobBody {
  name?: string;
  steps: SubmitStepBody[];
  env?: Record<string, string>;
  /** Given to the steps as environment, encrypted at rest, masked in the log, never returned. */
  secrets?: Record<string, string>;
  source?: SourceBody;
  files?: FileSpec[];
  executor?: { type: ExecutorType };
  requires?: { tools?: string[]; labels?: Record<string, string>; prefers?: Record<string, string> };
  runner?: string;
  instance?: string;
  priority?: number;
  timeoutSeconds?: number;
  queueTimeoutSeconds?: number;
  onLost?: OnLost;
  maxAttempts?: number;
  slots?: number;
  retry?: Partial<RetrySpec>;
  concurrency?: { key: string } & Partial<ConcurrencySpec>;
  /** true: the defaults of FanOutSpec. */
  fanOut?: boolean | Partial<FanOutSpec>;
  scope?: { stackId: string } & Partial<JobScope>;
}

export interface SubmitStepBody {
  name?: string;
  run: string;
  shell?: StepShell;
  timeoutSeconds?: number;
}

export interface CancelJobBody {
  mode?: CancelMode;
}

/** Body of `POST /api/v1/jobs/bulk/retry`. */
export interface BulkJobsBody {
  ids: string[];
}

/** Body of `POST /api/v1/jobs/bulk/cancel`. */
export interface CancelJobsBody extends BulkJobsBody {
  mode?: CancelMode;
}

/** What became of one job of a bulk call, in the order of its ids; one that is refused holds back none of the others. */
export type BulkOutcome =
  | {
      readonly id: string;
      readonly ok: true;
      /** The canceled job, or the new one that a retry made. */
      readonly job: JobSummary;
    }
  | {
      readonly id: string;
      readonly ok: false;
      /** What the call for this one job would have answered. */
      readonly status: number;
      readonly code: string;
      readonly detail: string;
    };

/** Body of `POST /api/v1/job-views`. */
export interface CreateJobViewBody {
  name: string;
  /** The query of the address of the jobs page, as in `state=failed&runner=build-pool`. */
  query: string;
}

/** A filter of the list of jobs that the caller gave a name; nobody else sees it. */
export interface JobViewView {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly createdAt: string;
}

/** A job as lists show it. Times are ISO 8601 in UTC by the database's clock. */
export interface JobSummary {
  readonly id: JobId;
  readonly name: string;
  readonly state: JobState;
  readonly reason: JobReason | null;
  /** `reason` in words; null while there is nothing to explain. */
  readonly reasonText: string | null;
  readonly priority: number;
  /** Number of the current or last attempt; 0: never claimed. */
  readonly attempt: number;
  /** Who holds or held the current attempt. */
  readonly claimedBy: ClaimedBy | null;
  readonly cancel: { readonly mode: CancelMode; readonly requestedAt: string } | null;
  readonly exitCode: number | null;
  readonly retryOf: JobId | null;
  /** The fan-out job that it is a child of. */
  readonly parentId: JobId | null;
  /** Names of the instance that a child of a fan-out is for; null: it is no child. */
  readonly forInstance: { readonly runner: string; readonly instance: string } | null;
  /** Name of the user, service principal or API token that submitted it. */
  readonly submittedBy: string;
  readonly createdAt: string;
  readonly queuedAt: string | null;
  readonly claimedAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface ClaimedBy {
  readonly runnerId: RunnerId;
  readonly runner: string;
  readonly instanceId: InstanceId;
  readonly instance: string;
}

export interface JobDetail extends JobSummary {
  /** The module run that it is a job of. */
  readonly runId?: string;
  readonly spec: JobSpec;
  /** Names what the job demands of an instance; jobs with the same demands share it, and can be paused together. */
  readonly lane: string;
  /** null: it was not fanned out (yet). */
  readonly children: ChildrenView | null;
  /** Names only; values are never returned. */
  readonly secretNames: readonly string[];
  /** Full id of the commit of the source, once the runner has told it. */
  readonly commit?: string;
  /** What the engine found out, once the job of a module has ended. */
  readonly engine?: EngineResult;
  /** Steps of the current attempt; those of earlier ones are in `attempts`. */
  readonly steps: readonly StepView[];
  /** Oldest first. */
  readonly attempts: readonly AttemptView[];
  /** Oldest first. */
  readonly timeline: readonly JobEventView[];
}

/** The roll-up of a fan-out. Its children: `GET /api/v1/jobs?parent=ID`. */
export interface ChildrenView {
  readonly total: number;
  /** A state that no child is in may be missing. */
  readonly byState: Readonly<Partial<Record<JobState, number>>>;
  /** How many may be unfinished at a time; null: all. */
  readonly batchSize: number | null;
  /** Instances that matched but were offline or draining, and were left out: as `runner/instance`. */
  readonly skipped: readonly string[];
}

export interface StepView {
  readonly step: number;
  readonly name: string;
  readonly state: StepState;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface AttemptView {
  readonly attempt: number;
  readonly claimedBy: ClaimedBy;
  /** null: still current. */
  readonly outcome: 'succeeded' | 'failed' | 'canceled' | 'timed_out' | 'lost' | null;
  readonly reason: JobReason | null;
  readonly exitCode: number | null;
  readonly claimedAt: string;
  readonly finishedAt: string | null;
  /** Last committed log line. */
  readonly lastSeq: number;
  /** true: the runner's own count of lines is stored to the last one. */
  readonly logComplete: boolean;
  /** Every step of the spec, whether this attempt reached it or not. */
  readonly steps: readonly StepView[];
}

export const JOB_EVENT_TYPES = [
  'submitted',
  'queued',
  'claimed',
  'started',
  'step_started',
  'step_finished',
  'runner_disconnected',
  'runner_reconnected',
  'offered',
  'standing_claim',
  'claims_lost',
  'renewal_gap',
  'held_by_pause',
  'no_matching_runner',
  'runner_matches',
  'fanned_out',
  'cancel_requested',
  'requeued',
  'retry_scheduled',
  'admitted',
  'finished',
] as const;
export type JobEventType = (typeof JOB_EVENT_TYPES)[number];

export interface JobEventView {
  readonly at: string;
  readonly type: JobEventType;
  readonly attempt: number | null;
  /** One plain sentence. */
  readonly text: string;
}
