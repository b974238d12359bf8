import { Injectable } from '@nestjs/common';
import type { JobId, JobSpec, JobSummary, SubmitJobBody } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { laneOf } from '../domain/dispatch/lanes.js';
import { DEFAULT_AGEING_MS, rankOf } from '../domain/dispatch/rank.js';
import { EventBus } from '../events/event-bus.js';
import { AppError, badRequest } from '../platform/errors.js';
import { SecretBox } from '../platform/secret-box.js';
import { uuidv7 } from '../platform/uuid.js';
import { toJobSummary, type JobRow, type NewJob } from './job-row.js';
import { JobRepository, type SubmissionRow } from './job.repository.js';
import { assertTerminal, jobIdOf, jobNotFound } from './jobs.service.js';
import { fillJobSpec } from './spec/fill-job-spec.js';
import { JOB_LIMITS } from './spec/job-limits.js';
import { requestFingerprint } from './spec/request-fingerprint.js';

export interface Submitted {
  readonly job: JobSummary;
  /** false: the idempotency key named a job that was there already. */
  readonly created: boolean;
}

type Secrets = Readonly<Record<string, string>>;

/** Makes jobs. What it answers is committed. */
@Injectable()
export class JobSubmissionService {
  constructor(
    private readonly jobs: JobRepository,
    private readonly secretBox: SecretBox,
    private readonly bus: EventBus,
  ) {}

  async submit(caller: Caller, body: SubmitJobBody, idempotencyKey: string | null): Promise<Submitted> {
    const hash = idempotencyKey === null ? null : requestFingerprint(body);
    const job = this.newJob(caller, fillJobSpec(body), body.secrets ?? {}, {
      idempotency: idempotencyKey === null || hash === null ? null : { key: idempotencyKey, hash },
    });
    const row = await this.jobs.insert(job);
    if (row !== null) return { job: this.publish(caller, job, row), created: true };
    return { job: await this.earlier(caller, job, body.secrets ?? {}), created: false };
  }

  /** All or none of them, for pipelines and load tests that have many at once. */
  async submitMany(caller: Caller, bodies: readonly SubmitJobBody[]): Promise<JobSummary[]> {
    const jobs = bodies.map((body) => this.newJob(caller, fillJobSpec(body), body.secrets ?? {}, {}));
    const rows = new Map((await this.jobs.insertAll(jobs)).map((row) => [row.id, row]));
    return jobs.map((job) => this.publish(caller, job, rows.get(job.id) ?? jobNotFound()));
  }

  /** A new job with the spec and the secrets of one that has ended. */
  async retry(caller: Caller, id: string): Promise<JobSummary> {
    const source = (await this.jobs.findSubmission(caller.organizationId, jobIdOf(id))) ?? jobNotFound();
    assertTerminal(source);
    const job = this.newJob(caller, source.spec, this.secretsOf(source), { retryOf: source.id });
    return this.publish(caller, job, (await this.jobs.insert(job)) ?? jobNotFound());
  }

  private newJob(
    caller: Caller,
    spec: JobSpec,
    secrets: Secrets,
    { idempotency = null, retryOf = null }: Partial<Pick<NewJob, 'idempotency' | 'retryOf'>>,
  ): NewJob {
    assertSizeOf(spec);
    const id = uuidv7() as JobId;
    const secretNames = Object.keys(secrets);
    return {
      id,
      organizationId: caller.organizationId,
      spec,
      lane: laneOf(caller.organizationId, spec).fingerprint,
      sealedSecrets: secretNames.length === 0 ? null : this.secretBox.seal(JSON.stringify(secrets), secretContext(id)),
      secretNames,
      idempotency,
      retryOf,
      submittedBy: caller.name,
      rank: rankOf(Date.now(), spec.priority, DEFAULT_AGEING_MS),
      initial: { state: 'queued', reason: null },
      parentId: null,
    };
  }

  private publish(
    { organizationId }: Caller,
    { id: jobId, lane, rank, spec: { priority } }: NewJob,
    row: JobRow,
  ): JobSummary {
    this.bus.publish('job.queued', { organizationId, jobId, lane, priority, rank });
    this.bus.publish('job.changed', { organizationId, jobId, state: row.state, reason: row.reason });
    return toJobSummary(row);
  }

  /** @throws AppError 422 when the key was used for something else */
  private async earlier(caller: Caller, job: NewJob, secrets: Secrets): Promise<JobSummary> {
    const key = job.idempotency?.key ?? '';
    const found = (await this.jobs.findSubmissionByKey(caller.organizationId, key)) ?? jobNotFound();
    if (found.idempotency_hash !== job.idempotency?.hash || !sameSecrets(this.secretsOf(found), secrets)) {
      throw new AppError(422, 'idempotency_mismatch', 'This Idempotency-Key was used for a job with another body.');
    }
    return toJobSummary((await this.jobs.find(caller.organizationId, found.id)) ?? jobNotFound());
  }

  private secretsOf(job: SubmissionRow): Secrets {
    if (job.secrets === null) return {};
    return JSON.parse(this.secretBox.open(job.secrets, secretContext(job.id))) as Secrets;
  }
}

/** Binds sealed secrets to their job: moved to another row they do not open. */
export function secretContext(jobId: JobId): string {
  return `job:${jobId}`;
}

function assertSizeOf(spec: JobSpec): void {
  if (Buffer.byteLength(JSON.stringify(spec)) > JOB_LIMITS.specBytes) {
    throw badRequest('job_too_large', `A job must have at most ${JOB_LIMITS.specBytes} bytes of JSON.`);
  }
}

function sameSecrets(a: Secrets, b: Secrets): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
