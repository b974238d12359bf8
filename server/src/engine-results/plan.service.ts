import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { AppError, badRequest, conflict } from '../platform/errors.js';
import { piecesOf } from '../platform/http/route-body.js';
import { SecretBox } from '../platform/secret-box.js';
import { uuidv7 } from '../platform/uuid.js';
import { fenced, HeldAttemptRepository } from './held-attempt.repository.js';
import type { NamedAttempt } from './named-attempt.js';
import { PlanRepository, type PieceKey, type StoredPlan } from './plan.repository.js';

export const MAX_PLAN_BYTES = 64 * 1024 * 1024;
/** A commit for each; a hundred plans under way take 50 MB of memory. */
const PIECE_BYTES = 256 * 1024;

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

/** Plans on their way from the job that made them to the job that carries them out. Each piece is sealed for its place. */
@Injectable()
export class PlanService {
  private readonly logger = new Logger(PlanService.name);

  constructor(
    private readonly database: Database,
    private readonly attempts: HeldAttemptRepository,
    private readonly plans: PlanRepository,
    private readonly box: SecretBox,
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
    const first = await this.piece(plan, 0);
    return { bytes: plan.bytes, content: this.pieces(plan, first) };
  }

  /** @param keeps false: there is a plan, and it only matters whether this one is the same */
  private async upload(
    { organizationId, jobId, attempt }: NamedAttempt,
    body: unknown,
    keeps: boolean,
  ): Promise<StoredPlan> {
    const uploadId = uuidv7();
    const hash = createHash('sha256');
    let [bytes, piece] = [0, 0];
    try {
      for await (const plain of piecesOf(body, { pieceBytes: PIECE_BYTES, maxBytes: MAX_PLAN_BYTES })) {
        hash.update(plain);
        bytes += plain.length;
        const key = { jobId, attempt, uploadId, piece };
        if (keeps) await this.plans.addPiece(organizationId, key, this.box.sealBytes(plain, contextOf(key)));
        piece += 1;
      }
    } catch (error) {
      await this.dropUpload({ jobId, uploadId });
      throw error;
    }
    if (bytes === 0) throw badRequest('plan_empty', 'The body is the plan, and there is none.');
    return { jobId, attempt, sha256: hash.digest('hex'), bytes, uploadId };
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

  private async *pieces(plan: StoredPlan, first: Buffer): AsyncGenerator<Buffer> {
    yield first;
    const count = Math.ceil(plan.bytes / PIECE_BYTES);
    for (let piece = 1; piece < count; piece += 1) yield await this.piece(plan, piece);
  }

  private async piece({ jobId, attempt, uploadId }: StoredPlan, piece: number): Promise<Buffer> {
    const key: PieceKey = { jobId, attempt, uploadId, piece };
    const sealed = await this.plans.piece(key);
    if (sealed === null) throw new AppError(410, 'plan_gone', 'The plan has just been removed.');
    try {
      return this.box.openBytes(sealed, contextOf(key));
    } catch (cause) {
      const detail = 'The plan cannot be opened: was the encryption key of the server changed?';
      throw new AppError(410, 'plan_unreadable', detail, { cause });
    }
  }
}

/** Binds each piece to its place in the plan of its job. */
function contextOf({ jobId, attempt, uploadId, piece }: PieceKey): string {
  return `plan:${jobId}:${attempt}:${uploadId}:${piece}`;
}
