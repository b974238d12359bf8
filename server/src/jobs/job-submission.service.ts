import { Injectable } from '@nestjs/common';
import type { JobId, JobSpec, JobSummary, OrganizationId, SubmitJobBody } from '@dibs/shared';
import { AdmissionPolicy } from '../admission/admission-policy.js';
import type { Caller } from '../auth/caller.js';
import { GrantService } from '../dispatch/grant.service.js';
import { laneOf, type Lane } from '../domain/dispatch/lanes.js';
import { DEFAULT_AGEING_MS, rankOf } from '../domain/dispatch/rank.js';
import { EventBus } from '../events/event-bus.js';
import { AppError, badRequest, conflict } from '../platform/errors.js';
import { SecretBox } from '../platform/secret-box.js';
import { uuidv7 } from '../platform/uuid.js';
import { SourceArchiveService } from '../source-archives/source-archive.service.js';
import { ScopeService } from '../stacks/scope.service.js';
import type { Inserted } from './inserted-job.js';
import { toJobSummary, type NewJob } from './job-row.js';
import { JobRepository, type SubmissionRow } from './job.repository.js';
import { assertTerminal, jobIdOf, jobNotFound } from './jobs.service.js';
import { secretContext } from './secret-context.js';
import { fillJobSpec } from './spec/fill-job-spec.js';
import { JOB_LIMITS } from './spec/job-limits.js';
import { RecentSpecs } from './spec/recent-specs.js';
import { requestFingerprint } from './spec/request-fingerprint.js';
import { toSpecJson, type SpecJson } from './spec/spec-json.js';

export interface Submitted {
  readonly job: JobSummary;
  /** false: the idempotency key named a job that was there already. */
  readonly created: boolean;
}

type Secrets = Readonly<Record<string, string>>;

/** Whose job it is, and the name that it is shown with. */
export type Submitter = Pick<Caller, 'organizationId' | 'name'>;

export interface Submission {
  readonly spec: JobSpec;
  /** @throws Error when they were sealed with another key */
  secretsOf(): Secrets;
}

/** A job as it is about to be stored, and what only its grant needs. */
interface Draft {
  readonly job: NewJob;
  readonly lane: Lane;
  readonly secrets: Secrets;
}

/** Makes jobs. What it answers is committed. */
@Injectable()
export class JobSubmissionService {
  constructor(
    private readonly jobs: JobRepository,
    private readonly secretBox: SecretBox,
    private readonly bus: EventBus,
    private readonly admission: AdmissionPolicy,
    private readonly grants: GrantService,
    private readonly specs: RecentSpecs,
    private readonly scopes: ScopeService,
    private readonly archives: SourceArchiveService,
  ) {}

  async submit(caller: Caller, body: SubmitJobBody, idempotencyKey: string | null): Promise<Submitted> {
    const hash = idempotencyKey === null ? null : requestFingerprint(body);
    const [spec] = await this.specsOf(caller, [body]);
    const draft = this.draft(caller, spec!, body.secrets ?? {}, {
      idempotency: idempotencyKey === null || hash === null ? null : { key: idempotencyKey, hash },
    });
    const inserted = await this.store(draft);
    if (inserted !== null) return { job: this.publish(draft.job, inserted), created: true };
    return { job: await this.earlier(caller, draft.job, draft.secrets), created: false };
  }

  /** All or none of them, for pipelines and load tests that have many at once. */
  async submitMany(caller: Caller, bodies: readonly SubmitJobBody[]): Promise<JobSummary[]> {
    const specs = await this.specsOf(caller, bodies);
    const jobs = bodies.map((body, index) => this.draft(caller, specs[index]!, body.secrets ?? {}, {}).job);
    const inserted = new Map((await this.jobs.insertAll(jobs)).map((each) => [each.row.id, each]));
    return jobs.map((job) => this.publish(job, inserted.get(job.id) ?? jobNotFound()));
  }

  /**
   * A job with a spec that nothing is missing of, for who stores it together with something else
   * (`JobRepository.insertIn`) and announces it once that is committed.
   */
  prepare(submitter: Submitter, spec: JobSpec, secrets: Secrets): NewJob {
    return this.draft(submitter, spec, secrets, {}).job;
  }

  /** Of a job that was stored apart from here. */
  announce(job: NewJob): void {
    this.tell(job, job.initial);
  }

  /** What a job was submitted with; null: there is no such job. */
  async submissionOf(organizationId: OrganizationId, id: JobId): Promise<Submission | null> {
    const row = await this.jobs.findSubmission(organizationId, id);
    return row && { spec: row.spec, secretsOf: () => this.secretsOf(row) };
  }

  /** A new job with the spec and the secrets of one that has ended. */
  async retry(caller: Caller, id: string): Promise<JobSummary> {
    const source = (await this.jobs.findSubmission(caller.organizationId, jobIdOf(id))) ?? jobNotFound();
    assertTerminal(source);
    if (source.spec.engine !== undefined) {
      // beside its run nobody would have approved what it does
      throw conflict(
        'job_of_run',
        'Jobs of module runs are not retried by themselves. Start another run of the module.',
      );
    }
    await this.archives.use(caller.organizationId, [source.spec.source]);
    const draft = this.draft(caller, completed(source.spec), this.secretsOf(source), { retryOf: source.id });
    return this.publish(draft.job, (await this.store(draft)) ?? jobNotFound());
  }

  /** @throws AppError 422 `unknown_scope`, `unknown_archive` */
  private async specsOf({ organizationId }: Caller, bodies: readonly SubmitJobBody[]): Promise<JobSpec[]> {
    const specs = bodies.map(fillJobSpec);
    await this.archives.use(
      organizationId,
      specs.map(({ source }) => source),
    );
    if (specs.every((spec) => spec.scope === null)) return specs;
    const scopes = await this.scopes.resolve(
      organizationId,
      specs.map((spec) => spec.scope),
    );
    return specs.map((spec, index) => ({ ...spec, scope: scopes[index] ?? null }));
  }

  private draft(
    { organizationId, name: submittedBy }: Submitter,
    spec: JobSpec,
    secrets: Secrets,
    { idempotency = null, retryOf = null }: Partial<Pick<NewJob, 'idempotency' | 'retryOf'>>,
  ): Draft {
    const specJson = toSpecJson(spec);
    assertSizeOf(specJson);
    const id = uuidv7() as JobId;
    const lane = laneOf(organizationId, spec);
    const secretNames = Object.keys(secrets);
    const job: NewJob = {
      id,
      organizationId,
      spec,
      specJson,
      lane: lane.fingerprint,
      sealedSecrets: secretNames.length === 0 ? null : this.secretBox.seal(JSON.stringify(secrets), secretContext(id)),
      secretNames,
      idempotency,
      retryOf,
      submittedBy,
      rank: rankOf(Date.now(), spec.priority, DEFAULT_AGEING_MS),
      initial: this.admission.initialState(organizationId, spec),
      parentId: null,
    };
    return { job, lane, secrets };
  }

  /** While a standing claim is free for it, the job is stored as granted, in one commit. */
  private async store({ job, lane, secrets }: Draft): Promise<Inserted | null> {
    const reserved = job.initial.state === 'queued' ? this.grants.reserve(lane) : null;
    if (reserved === null) return this.jobs.insert(job);
    let inserted: Inserted | null = null;
    try {
      inserted = await this.jobs.insert(job, reserved.claim);
      return inserted;
    } finally {
      this.grants.settle(reserved, inserted?.granted ?? null, secrets);
    }
  }

  private publish(job: NewJob, { row }: Inserted): JobSummary {
    this.tell(job, row);
    return toJobSummary(row);
  }

  private tell(job: NewJob, { state, reason }: Pick<JobSummary, 'state' | 'reason'>): void {
    const { id: jobId, organizationId, lane, rank } = job;
    const { priority, concurrency } = job.spec;
    // what is sealed stays in the database only
    if (state === 'queued' && job.sealedSecrets === null) this.specs.keep(jobId, job.specJson);
    if (state === 'queued') this.bus.publish('job.queued', { organizationId, jobId, lane, priority, rank });
    if (state === 'waiting') {
      const concurrencyKey = concurrency?.key ?? null;
      this.bus.publish('job.waiting', { organizationId, jobId, concurrencyKey, wakeInMs: null });
    }
    this.bus.publish('job.changed', { organizationId, jobId, state, reason });
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

/** The spec of a job that an older release may have stored: what is missing was not asked for. */
function completed(spec: JobSpec): JobSpec {
  const nothing = { slots: 1, retry: null, concurrency: null, fanOut: null, scope: null };
  return { ...nothing, ...spec, requires: { ...{ prefers: {} }, ...spec.requires } };
}

function assertSizeOf(specJson: SpecJson): void {
  if (Buffer.byteLength(specJson) > JOB_LIMITS.specBytes) {
    throw badRequest('job_too_large', `A job must have at most ${JOB_LIMITS.specBytes} bytes of JSON.`);
  }
}

function sameSecrets(a: Secrets, b: Secrets): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
