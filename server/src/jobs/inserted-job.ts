import type { JobId, JobSpec } from '@dibs/shared';
import type { Granted } from '../dispatch/claim.repository.js';
import type { JobRow, NewJob } from './job-row.js';
import type { StandingClaim } from './standing-claim.js';

export interface Submission {
  readonly job: NewJob;
  /** null: it is queued. */
  readonly claim: StandingClaim | null;
}

/** A job that is committed. */
export interface Inserted {
  readonly row: JobRow;
  /** null: it has no claim, or the instance may not claim any more. */
  readonly granted: Granted | null;
}

/** What the database adds to a new job. */
export interface InsertedRow {
  readonly id: JobId;
  readonly attempt: 0 | 1;
  readonly createdMs: number;
}

/** The parameter of INSERT_JOBS. */
export function inputOf(submissions: readonly Submission[]): string {
  const rows = submissions.map((each) => `${JSON.stringify(rowOf(each)).slice(0, -1)},"spec":${each.job.specJson}}`);
  return `[${rows.join(',')}]`;
}

/** All but the spec, which is JSON already. What is null or the default of its column is left out. */
function rowOf({ job, claim }: Submission): Record<string, unknown> {
  const { spec, initial, idempotency } = job;
  return {
    id: job.id,
    organization_id: job.organizationId,
    name: spec.name,
    state: initial.state,
    reason: initial.reason ?? undefined,
    secrets: job.sealedSecrets?.toString('base64'),
    secret_names: job.secretNames.length > 0 ? job.secretNames : undefined,
    lane: job.lane,
    rank: job.rank,
    priority: spec.priority,
    on_lost: spec.onLost,
    max_attempts: spec.maxAttempts,
    slots: spec.slots,
    concurrency_key: spec.concurrency?.key,
    concurrency_limit: spec.concurrency?.limit,
    supersede: spec.concurrency?.supersede === 'none' ? undefined : spec.concurrency?.supersede,
    step_count: spec.steps.length,
    noop: spec.executor.type === 'noop' || undefined,
    retries: spec.retry !== null || undefined,
    has_source: spec.source !== null || undefined,
    stack_id: spec.scope?.stackId,
    namespace_id: spec.scope?.namespaceId ?? undefined,
    module_id: spec.scope?.moduleId ?? undefined,
    parent_id: job.parentId ?? undefined,
    idempotency_key: idempotency?.key,
    idempotency_hash: idempotency?.hash,
    retry_of: job.retryOf ?? undefined,
    submitted_by: job.submittedBy,
    queue_seconds: spec.queueTimeoutSeconds,
    ...(claim === null || initial.state !== 'queued' ? undefined : claimInput(claim, spec)),
  };
}

function claimInput(claim: StandingClaim, spec: JobSpec): Record<string, unknown> {
  return {
    instance: claim.instanceId,
    session: claim.sessionId,
    claim_token: claim.claimToken,
    lease_seconds: claim.leaseMs / 1_000,
    start: startsAtOnce(spec),
  };
}

/** Nothing has to be prepared before the first step, so its start is recorded with the claim. */
function startsAtOnce({ source }: JobSpec): boolean {
  return source === null;
}

export function insertedOf({ job, claim }: Submission, { attempt, createdMs }: InsertedRow): Inserted {
  const holder = attempt === 1 ? claim : null;
  const createdAt = new Date(createdMs);
  const starts = holder !== null && startsAtOnce(job.spec);
  const row: JobRow = {
    id: job.id,
    name: job.spec.name,
    state: holder === null ? job.initial.state : starts ? 'running' : 'claimed',
    reason: job.initial.reason,
    priority: job.spec.priority,
    attempt,
    exit_code: null,
    cancel_mode: null,
    cancel_requested_at: null,
    retry_of: job.retryOf,
    parent_id: job.parentId,
    concurrency_key: job.spec.concurrency?.key ?? null,
    submitted_by: job.submittedBy,
    created_at: createdAt,
    queued_at: job.initial.state === 'queued' ? createdAt : null,
    started_at: starts ? createdAt : null,
    finished_at: null,
    runner_id: holder?.runnerId ?? null,
    runner_name: holder?.runnerName ?? null,
    instance_id: holder?.instanceId ?? null,
    instance_name: holder?.instanceName ?? null,
    claimed_at: holder === null ? null : createdAt,
    for_runner: job.parentId === null ? null : job.spec.runner,
    for_instance: job.parentId === null ? null : job.spec.instance,
  };
  return { row, granted: holder === null ? null : grantedOf(job, holder, starts) };
}

function grantedOf(job: NewJob, { claimToken }: StandingClaim, starts: boolean): Granted {
  return {
    jobId: job.id,
    claimId: null,
    organizationId: job.organizationId,
    attempt: 1,
    claimToken,
    spec: job.specJson,
    sealedSecrets: job.sealedSecrets,
    waitedMs: 0,
    startedStep: starts ? 0 : null,
  };
}
