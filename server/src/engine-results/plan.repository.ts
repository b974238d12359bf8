import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId, PlanReference } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';

/** The plan that one attempt made. */
export interface StoredPlan {
  readonly jobId: JobId;
  readonly attempt: number;
  /** Of its bytes, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** Its pieces are those of this upload. */
  readonly uploadId: string;
}

/** One piece of an upload, by its number from 0. */
export interface PieceKey {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly uploadId: string;
  readonly piece: number;
}

const COLUMNS = 'job_id AS "jobId", attempt, sha256, bytes, upload_id AS "uploadId"';

const OF_ATTEMPT: Statement = {
  name: 'engine-plans.of-attempt',
  text: `SELECT ${COLUMNS} FROM engine_plans WHERE organization_id = $1 AND job_id = $2 AND attempt = $3`,
};

const BY_CONTENT: Statement = {
  name: 'engine-plans.by-content',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM engine_plans WHERE organization_id = $1 AND job_id = $2 AND sha256 = $3
    ORDER BY attempt DESC LIMIT 1`,
};

const ADD_PIECE: Statement = {
  name: 'engine-plans.add-piece',
  text: /* sql */ `
    INSERT INTO engine_plan_pieces (organization_id, job_id, attempt, upload_id, piece, sealed)
    VALUES ($1, $2, $3, $4, $5, $6)`,
};

const PIECE: Statement = {
  name: 'engine-plans.piece',
  text: `SELECT sealed FROM engine_plan_pieces WHERE job_id = $1 AND upload_id = $2 AND piece = $3`,
};

const INSERT: Statement = {
  name: 'engine-plans.insert',
  text: /* sql */ `
    INSERT INTO engine_plans (organization_id, job_id, attempt, sha256, bytes, upload_id)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job_id, attempt) DO NOTHING
    RETURNING job_id`,
};

/** Uploads that were cut off, and one that goes on at this moment and will find that it comes too late. */
const DROP_OTHERS: Statement = {
  name: 'engine-plans.drop-others',
  text: 'DELETE FROM engine_plan_pieces WHERE job_id = $1 AND attempt = $2 AND upload_id <> $3',
};

const DROP: Statement = {
  name: 'engine-plans.drop',
  text: 'DELETE FROM engine_plan_pieces WHERE job_id = $1 AND upload_id = $2',
};

/** Plans in pieces, so that neither an upload nor a download needs more memory than one of them. */
@Injectable()
export class PlanRepository {
  constructor(private readonly database: Database) {}

  async ofAttempt(
    organizationId: OrganizationId,
    jobId: JobId,
    attempt: number,
    on: Queryable = this.database,
  ): Promise<StoredPlan | null> {
    const [plan] = await on.query<StoredPlan>(OF_ATTEMPT, [organizationId, jobId, attempt]);
    return plan ?? null;
  }

  async byContent(organizationId: OrganizationId, { jobId, sha256 }: PlanReference): Promise<StoredPlan | null> {
    const [plan] = await this.database.query<StoredPlan>(BY_CONTENT, [organizationId, jobId, sha256]);
    return plan ?? null;
  }

  async addPiece(organizationId: OrganizationId, key: PieceKey, sealed: Buffer): Promise<void> {
    const { jobId, attempt, uploadId, piece } = key;
    await this.database.query(ADD_PIECE, [organizationId, jobId, attempt, uploadId, piece, sealed]);
  }

  /** @returns null: it is gone */
  async piece({ jobId, uploadId, piece }: PieceKey): Promise<Buffer | null> {
    const [row] = await this.database.query<{ readonly sealed: Buffer }>(PIECE, [jobId, uploadId, piece]);
    return row?.sealed ?? null;
  }

  /** @returns false: the attempt has one */
  async insert(tx: Queryable, organizationId: OrganizationId, plan: StoredPlan): Promise<boolean> {
    const { jobId, attempt, sha256, bytes, uploadId } = plan;
    const rows = await tx.query(INSERT, [organizationId, jobId, attempt, sha256, bytes, uploadId]);
    if (rows.length > 0) await tx.query(DROP_OTHERS, [jobId, attempt, uploadId]);
    return rows.length > 0;
  }

  /** Of an upload that has not become the plan. */
  async drop(jobId: JobId, uploadId: string): Promise<void> {
    await this.database.query(DROP, [jobId, uploadId]);
  }
}
