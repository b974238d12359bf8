import type { CancelMode, JobId, JobReason, JobSpec, JobState, OrganizationId } from '@dibs/shared';
import type { ClaimedBy, JobSummary } from '@dibs/shared';
import { JOB_REASONS } from '@dibs/shared';
import type { SpecJson } from './spec/spec-json.js';

/** A job joined with its current or last attempt, as the statements of job.sql.ts select it. */
export interface JobRow {
  readonly id: JobId;
  readonly name: string;
  readonly state: JobState;
  readonly reason: JobReason | null;
  readonly priority: number;
  readonly attempt: number;
  readonly exit_code: number | null;
  readonly cancel_mode: CancelMode | null;
  readonly cancel_requested_at: Date | null;
  readonly retry_of: JobId | null;
  readonly parent_id: JobId | null;
  readonly concurrency_key: string | null;
  readonly submitted_by: string;
  readonly created_at: Date;
  readonly queued_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly runner_id: ClaimedBy['runnerId'] | null;
  readonly runner_name: string | null;
  readonly instance_id: ClaimedBy['instanceId'] | null;
  readonly instance_name: string | null;
  readonly claimed_at: Date | null;
  /** Of a child of a fan-out. */
  readonly for_runner: string | null;
  readonly for_instance: string | null;
}

/** What a new job is made of: everything the caller decides and nothing the database does. */
export interface NewJob {
  readonly id: JobId;
  readonly organizationId: OrganizationId;
  readonly spec: JobSpec;
  readonly specJson: SpecJson;
  readonly lane: string;
  /** null: the job has none. */
  readonly sealedSecrets: Buffer | null;
  readonly secretNames: readonly string[];
  readonly idempotency: { readonly key: string; readonly hash: string } | null;
  readonly retryOf: JobId | null;
  readonly submittedBy: string;
  /** Its place in the lane (domain/dispatch/rank.ts). */
  readonly rank: number;
  readonly initial: InitialState;
  /** The fan-out job that it is a child of. */
  readonly parentId: JobId | null;
}

/** `waiting`: something must happen before it may be queued, and the reason says what. */
export type InitialState =
  { readonly state: 'queued'; readonly reason: null } | { readonly state: 'waiting'; readonly reason: JobReason };

export function toJobSummary(row: JobRow): JobSummary {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    reason: row.reason,
    reasonText: row.reason === null ? null : JOB_REASONS[row.reason],
    priority: row.priority,
    attempt: row.attempt,
    claimedBy: toClaimedBy(row),
    cancel:
      row.cancel_mode === null || row.cancel_requested_at === null
        ? null
        : { mode: row.cancel_mode, requestedAt: row.cancel_requested_at.toISOString() },
    exitCode: row.exit_code,
    retryOf: row.retry_of,
    parentId: row.parent_id,
    forInstance:
      row.for_runner === null || row.for_instance === null
        ? null
        : { runner: row.for_runner, instance: row.for_instance },
    submittedBy: row.submitted_by,
    createdAt: row.created_at.toISOString(),
    queuedAt: iso(row.queued_at),
    claimedAt: iso(row.claimed_at),
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
  };
}

function toClaimedBy(row: JobRow): ClaimedBy | null {
  const { runner_id: runnerId, runner_name: runner, instance_id: instanceId, instance_name: instance } = row;
  if (runnerId === null || runner === null || instanceId === null || instance === null) return null;
  return { runnerId, runner, instanceId, instance };
}

export function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
