import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { AppError, badRequest, conflict } from '../platform/errors.js';
import { SealedPieces } from '../platform/sealed-pieces.js';
import { uuidv7 } from '../platform/uuid.js';
import { fenced, HeldAttemptRepository } from './held-attempt.repository.js';
import type { NamedAttempt } from './named-attempt.js';
import { PlanRepository, type StoredPlan } from './plan.repository.js';

export const MAX_PLAN_BYTES = 64 * 1024 * 1024;

export interface PlanTaken {
  readonly sha256: string;
  readonly bytes: number;
  /** false: it had been handed over before. */
  readonly created: boolean;
}

export interface PlanContent {
  readonly bytes: number;
  readonly content: AsyncGenerator<Buffer>;
}

/** Plans on their way from the job that made them to the job that carries them out. */
@Injectable()
export class PlanService {
  private readonly logger = new Logger(PlanService.name);

  constructor(
    private readonly database: Database,
    private readonly attempts: HeldAttemptRepository,
    private readonly plans: PlanRepository,
    private readonly pieces: SealedPieces,
  ) {}

  /**
   * The fence is asked before anything is read, and again when all of it is stored.
   *
   * @param body the bytes as they arrive
   * @throws AppError 409 `plan_stored` when the attempt has handed over another one
   */
  async take(attempt: NamedAttempt, body: unknown): Promise<PlanTaken> {
    const { engine } = await this.attempts.find(attempt);
    if (engine?.command !== 'plan') throw conflict('no_plan_expected', 'This job makes no plan.');
    const { organizationId, jobId } = attempt;
    const before = await this.plans.ofAttempt(organizationId, jobId, attempt.attempt);
    const plan = await this.upload(attempt, body, before === null);
    const stored = before ?? (await this.settle(attempt, plan));
    const isStored = stored.uploadId === plan.uploadId;
    if (!isStored) await this.dropUpload(plan);
    if (stored.sha256 !== plan.sha256) {
      throw conflict('plan_stored', 'This attempt has handed over another plan before.');
    }
    return { sha256: plan.sha256, bytes: plan.bytes, created: isStored };
  }

  /** The plan that the job of the attempt is to carry out. @throws AppError 404, or 410 when it cannot be opened any more */
  async give(attempt: NamedAttempt): Promise<PlanContent> {
    const { engine } = await this.attempts.find(attempt);
    if (!engine?.plan) throw new AppError(404, 'no_plan', 'This job carries out no plan.');
    const plan = await this.plans.byContent(attempt.organizationId, engine.plan);
    if (plan === null) throw new AppError(404, 'plan_gone', 'The plan is not here, or not any more.');
    const place = {
      what: 'plan',
      contextOf: (piece: number) => contextOf(plan, piece),
      find: (piece: number) => this.plans.piece({ ...plan, piece }),
    };
    return { bytes: plan.bytes, content: await this.pieces.open(place, plan.bytes) };
  }

  /** @param keeps false: there is a plan, and it only matters whether this one is the same */
  private async upload(
    { organizationId, jobId, attempt }: NamedAttempt,
    body: unknown,
    keeps: boolean,
  ): Promise<StoredPlan> {
    const uploadId = uuidv7();
    const upload = { jobId, attempt, uploadId };
    try {
      const { sha256, bytes } = await this.pieces.store(body, {
        maxBytes: MAX_PLAN_BYTES,
        contextOf: (piece) => contextOf(upload, piece),
        store: async (piece, sealed) => {
          if (keeps) await this.plans.addPiece(organizationId, { ...upload, piece }, sealed);
        },
      });
      if (bytes === 0) throw badRequest('plan_empty', 'The body is the plan, and there is none.');
      return { ...upload, sha256, bytes };
    } catch (error) {
      await this.dropUpload(upload);
      throw error;
    }
  }

  /** @returns the plan of the attempt: this one, or one that was faster */
  private async settle(attempt: NamedAttempt, plan: StoredPlan): Promise<StoredPlan> {
    const { organizationId } = attempt;
    const settled = await this.database.transaction(async (tx) => {
      if (!(await this.attempts.lock(tx, attempt))) return null;
      if (await this.plans.insert(tx, organizationId, plan)) return plan;
      return this.plans.ofAttempt(organizationId, plan.jobId, plan.attempt, tx);
    });
    if (settled !== null) return settled;
    await this.dropUpload(plan);
    throw fenced();
  }

  /** Only of one that cannot have become the plan: after a commit that was not answered nobody knows. */
  private async dropUpload({ jobId, uploadId }: Pick<StoredPlan, 'jobId' | 'uploadId'>): Promise<void> {
    try {
      await this.plans.drop(jobId, uploadId);
    } catch (error) {
      // it goes with the next upload of the attempt, or with the job
      this.logger.debug({ err: error, jobId }, 'an upload that was cut off was not removed');
    }
  }
}

/** Binds each piece to its place in the plan of its job. */
function contextOf(
  { jobId, attempt, uploadId }: Pick<StoredPlan, 'jobId' | 'attempt' | 'uploadId'>,
  piece: number,
): string {
  return `plan:${jobId}:${attempt}:${uploadId}:${piece}`;
}
