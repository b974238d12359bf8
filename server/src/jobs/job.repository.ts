import { Injectable } from '@nestjs/common';
import type { CancelMode, JobId, JobSpec, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, unwrap, type Settled } from '../platform/isolating.js';
import type { JobDetailRow } from './job-detail.js';
import { jobListQuery, type JobListFilter } from './job-list-query.js';
import type { JobRow, NewJob } from './job-row.js';
import * as sql from './job.sql.js';

/** What was submitted: to make it again (retry) or to compare it (idempotency). */
export interface SubmissionRow {
  readonly id: JobId;
  readonly state: JobState;
  readonly spec: JobSpec;
  readonly secrets: Buffer | null;
  readonly secret_names: readonly string[];
  readonly lane: string;
  readonly idempotency_hash: string | null;
}

export interface CancelRequest {
  readonly mode: CancelMode;
  /** Name of the caller, for the timeline. */
  readonly by: string;
}

/** A spec may have a megabyte, so the batches are smaller than a Coalescer's default. */
const INSERT_LIMITS = { maxBatch: 100, maxConcurrent: 2 } as const;

@Injectable()
export class JobRepository {
  private readonly inserts: Coalescer<NewJob, Settled<JobRow | null>>;

  constructor(private readonly database: Database) {
    this.inserts = new Coalescer(
      isolating((jobs) => this.insertMany(jobs)),
      INSERT_LIMITS,
    );
  }

  /** Durable when it answers. @returns null: another job has its idempotency key */
  async insert(job: NewJob): Promise<JobRow | null> {
    return unwrap(await this.inserts.add(job));
  }

  /** All of them or none, in one statement. */
  async insertAll(jobs: readonly NewJob[]): Promise<JobRow[]> {
    const rows = await this.insertMany(jobs);
    return rows.filter((row) => row !== null);
  }

  /** All of them, in the transaction of the caller. None may carry an idempotency key. */
  async insertIn(tx: Queryable, jobs: readonly NewJob[]): Promise<void> {
    await tx.query(sql.INSERT_JOBS, [JSON.stringify(jobs.map(toInput))]);
  }

  async find(organizationId: OrganizationId, id: JobId): Promise<JobRow | null> {
    const [row] = await this.database.query<JobRow>(sql.FIND_JOB, [organizationId, id]);
    return row ?? null;
  }

  async findDetail(organizationId: OrganizationId, id: JobId): Promise<JobDetailRow | null> {
    const [row] = await this.database.query<JobDetailRow>(sql.FIND_JOB_DETAIL, [organizationId, id]);
    return row ?? null;
  }

  async findSubmission(organizationId: OrganizationId, id: JobId): Promise<SubmissionRow | null> {
    const [row] = await this.database.query<SubmissionRow>(sql.FIND_SUBMISSION, [organizationId, id]);
    return row ?? null;
  }

  async findSubmissionByKey(organizationId: OrganizationId, key: string): Promise<SubmissionRow | null> {
    const [row] = await this.database.query<SubmissionRow>(sql.FIND_SUBMISSION_BY_KEY, [organizationId, key]);
    return row ?? null;
  }

  list(filter: JobListFilter): Promise<JobRow[]> {
    const { statement, values } = jobListQuery(filter);
    return this.database.query<JobRow>(statement, values);
  }

  /**
   * Runs `work` while nobody else can change the job's state.
   *
   * @returns null: there is no such job
   */
  withLocked<T>(organizationId: OrganizationId, id: JobId, work: (job: LockedJob) => Promise<T>): Promise<T | null> {
    return this.database.transaction(async (tx) => {
      const [found] = await tx.query(sql.LOCK_JOB, [organizationId, id]);
      return found === undefined ? null : work(new LockedJob(tx, organizationId, id));
    });
  }

  private async insertMany(jobs: readonly NewJob[]): Promise<(JobRow | null)[]> {
    const rows = await this.database.query<JobRow>(sql.INSERT_JOBS, [JSON.stringify(jobs.map(toInput))]);
    const inserted = new Map(rows.map((row) => [row.id, row]));
    return jobs.map((job) => inserted.get(job.id) ?? null);
  }
}

/** What may be done to a job inside `withLocked`. */
export class LockedJob {
  constructor(
    private readonly tx: Queryable,
    private readonly organizationId: OrganizationId,
    private readonly id: JobId,
  ) {}

  async endAsCanceled({ mode, by }: CancelRequest): Promise<void> {
    await this.tx.query(sql.CANCEL_UNCLAIMED_JOB, [this.organizationId, this.id, mode, by]);
  }

  async requestCancel({ mode, by }: CancelRequest): Promise<void> {
    await this.tx.query(sql.REQUEST_CANCEL, [this.organizationId, this.id, mode, by]);
  }

  async requestFanOutCancel({ mode, by }: CancelRequest): Promise<void> {
    await this.tx.query(sql.REQUEST_FAN_OUT_CANCEL, [this.organizationId, this.id, mode, by]);
  }

  async read(): Promise<JobRow> {
    const [row] = await this.tx.query<JobRow>(sql.FIND_JOB, [this.organizationId, this.id]);
    if (!row) throw new Error(`Job ${this.id} vanished while it was locked.`);
    return row;
  }
}

function toInput(job: NewJob): Record<string, unknown> {
  return {
    id: job.id,
    organization_id: job.organizationId,
    spec: job.spec,
    lane: job.lane,
    secrets: job.sealedSecrets?.toString('base64') ?? null,
    secret_names: job.secretNames,
    idempotency_key: job.idempotency?.key ?? null,
    idempotency_hash: job.idempotency?.hash ?? null,
    retry_of: job.retryOf,
    submitted_by: job.submittedBy,
    rank: job.rank,
    state: job.initial.state,
    reason: job.initial.reason,
    parent_id: job.parentId,
  };
}
