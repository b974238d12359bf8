import type { JobId } from '../ids.js';
import type { PlanSummary, StateLock } from '../job/engine-spec.js';
import type { JobReason } from '../job/job-reason.js';
import type { JobScope } from '../job/job-spec.js';
import type { ApprovalRule } from './modules.js';

export const RUN_OPERATIONS = ['validate', 'plan', 'apply', 'destroy', 'outputs', 'unlock'] as const;
/** `apply` and `destroy` plan first, and carry out exactly that plan once it is approved where approval is asked for. */
export type RunOperation = (typeof RUN_OPERATIONS)[number];

export const RUN_STATES = [
  'planning',
  'awaiting_approval',
  'applying',
  'working',
  'succeeded',
  'failed',
  'canceled',
  'rejected',
  'expired',
] as const;
/** `working`: the only job of an operation that neither plans nor applies. A run holds a slot only while a job of it does. */
export type RunState = (typeof RUN_STATES)[number];

export const RUN_TRIGGERS = [
  'request',
  'upstream_output',
  'definition_changed',
  'source_changed',
  'scope_run',
] as const;
/**
 * What began a run: somebody who asked for it, an output of another module that changed, what counts for the module that
 * changed, new commits of its source, or a run of everything in its stack or namespace.
 */
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/** One pass of an operation over a module: one job, or the job that plans and the one that carries the plan out. */
export interface ModuleRun {
  readonly id: string;
  readonly moduleId: string;
  /** Names from the stack on, as in `prod/network/vpc`. */
  readonly path: string;
  readonly scope: JobScope;
  readonly operation: RunOperation;
  readonly state: RunState;
  /** Reason of the job that decided the state; null: no job did. */
  readonly reason: JobReason | null;
  readonly trigger: RunTrigger;
  /** The job that plans, or the only one. */
  readonly firstJobId: JobId;
  /** The job that carries the plan out; null: not yet, or never. */
  readonly applyJobId: JobId | null;
  readonly plan: PlanSummary | null;
  readonly approval: RunApproval | null;
  /** As the last job of it told. */
  readonly stateLock: StateLock | null;
  /** Of the configuration that was planned; null: it has no source, or is not known yet. */
  readonly commit: string | null;
  /** A run that is not over then is still to be ended by the runner that works on it; null: nobody has asked for it. */
  readonly cancelRequestedAt: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

/** null in a run: its rule asks for none, or there is no plan yet. */
export interface RunApproval {
  readonly rule: ApprovalRule;
  readonly expiresAt: string;
  /** null: nobody has decided yet. */
  readonly decision: 'approved' | 'rejected' | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly comment: string | null;
}

/** `POST /api/v1/modules/{id}/runs` */
export interface StartRunBody {
  operation: RunOperation;
  /** Of `unlock` alone: the id of the lock, as a run reported it. */
  lockId?: string;
}

/** `POST /api/v1/module-runs/{id}/approve` and `…/reject` */
export interface DecideRunBody {
  comment?: string;
}

/** `GET /api/v1/modules/{id}/outputs`: values of sensitive ones are never returned. */
export interface ModuleOutputs {
  /** Counts up with each change; 0: nothing was ever put out. */
  readonly version: number;
  readonly changedAt: string | null;
  /** The job that put them out. */
  readonly jobId: JobId | null;
  readonly outputs: Readonly<Record<string, ModuleOutput>>;
}

export type ModuleOutput = { readonly sensitive: false; readonly value: unknown } | { readonly sensitive: true };

/** One change in `GET /api/v1/modules/{id}/outputs/versions`. */
export interface ModuleOutputVersion {
  readonly version: number;
  readonly changedAt: string;
  /** The job that put them out; null: retention has removed it. */
  readonly jobId: JobId | null;
  /** Names of those that are new, different or gone: the first 100. */
  readonly changed: readonly string[];
  readonly changedCount: number;
}
