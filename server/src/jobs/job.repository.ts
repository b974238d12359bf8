import { Injectable } from '@nestjs/common';
import type { CancelMode, JobId, JobSpec, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, unwrap, type Settled } from '../platform/isolating.js';
import type { JobDetailRow } from './job-detail.js';
import { INSERT_JOBS, INSERT_KEYED_JOBS } from './insert-jobs.sql.js';
import { inputOf, insertedOf, type Inserted, type InsertedRow, type Submission } from './inserted-job.js';
import { jobListQuery, type JobListFilter } from './job-list-query.js';
import type { JobRow, NewJob } from './job-row.js';
import type { StandingClaim } from './standing-claim.js';
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
  private readonly inserts: Coalescer<Submission, Settled<Inserted | null>>;

  constructor(private readonly database: Database) {
    this.inserts = new Coalescer(
      isolating((jobs) => this.insertMany(jobs)),
      INSERT_LIMITS,
    );
  }

  /**
   * Durable when it answers.
   *
   * @param claim the job is stored already claimed by it, if that instance may claim now
   * @returns null: another job has its idempotency key
   */
  async insert(job: NewJob, claim: StandingClaim | null = null): Promise<Inserted | null> {
    return unwrap(await this.inserts.add({ job, claim }));
  }

  /** All of them or none, in one statement. @param claims one for each job; none: all are queued */
  async insertAll(jobs: readonly NewJob[], claims: readonly (StandingClaim | null)[] = []): Promise<Inserted[]> {
    const inserted = await this.insertMany(jobs.map((job, index) => ({ job, claim: claims[index] ?? null })));
    return inserted.filter((each) => each !== null);
  }

  /** All of them, in the transaction of the caller. None may carry an idempotency key. */
  async insertIn(tx: Queryable, jobs: readonly NewJob[]): Promise<void> {
    await tx.query(INSERT_JOBS, [inputOf(jobs.map((job) => ({ job, claim: null })))]);
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

  private async insertMany(submissions: readonly Submission[]): Promise<(Inserted | null)[]> {
    const statement = submissions.some(({ job }) => job.idempotency !== null) ? INSERT_KEYED_JOBS : INSERT_JOBS;
    const rows = await this.database.query<InsertedRow>(statement, [inputOf(submissions)]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return submissions.map((submission) => {
      const row = byId.get(submission.job.id);
      return row === undefined ? null : insertedOf(submission, row);
    });
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
