import { Injectable } from '@nestjs/common';
import type { EngineSpec, SourceSpec } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';
import { AppError } from '../platform/errors.js';
import type { NamedAttempt } from './named-attempt.js';

/** What the job of an attempt is to do. */
export interface HeldJob {
  /** null: of no module. */
  readonly engine: EngineSpec | null;
  readonly moduleId: string | null;
  readonly source: SourceSpec | null;
}

/** The fence of every write of a runner: the attempt is the job's current one, of this runner, and the token is right. */
const IS_HELD = /* sql */ `
    j.id = $1 AND j.attempt = $2 AND j.claim_token = $3 AND j.organization_id = $4 AND j.runner_id = $5
      AND j.state IN ('claimed', 'running')`;

const FIND: Statement = {
  name: 'held-attempt.find',
  text: /* sql */ `
    SELECT s.spec->'engine' AS engine, s.spec->'source' AS source, s.module_id AS "moduleId"
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE ${IS_HELD}`,
};

const LOCK: Statement = {
  name: 'held-attempt.lock',
  text: /* sql */ `SELECT j.id FROM jobs j WHERE ${IS_HELD} FOR NO KEY UPDATE`,
};

/** Attempts that runners name over HTTP. Which of all reasons it is that one is not theirs, nobody is told. */
@Injectable()
export class HeldAttemptRepository {
  constructor(private readonly database: Database) {}

  /** @throws AppError 403 `fenced` */
  async find(attempt: NamedAttempt): Promise<HeldJob> {
    const [job] = await this.database.query<HeldJob>(FIND, valuesOf(attempt));
    if (job === undefined) throw fenced();
    return job;
  }

  /** Nobody ends the attempt, or gives the job to somebody else, before the transaction ends. @returns false: it is fenced */
  async lock(tx: Queryable, attempt: NamedAttempt): Promise<boolean> {
    return (await tx.query(LOCK, valuesOf(attempt))).length > 0;
  }
}

function valuesOf({ jobId, attempt, claimToken, organizationId, runnerId }: NamedAttempt): unknown[] {
  return [jobId, attempt, claimToken, organizationId, runnerId];
}

export function fenced(): AppError {
  return new AppError(403, 'fenced', 'This attempt is over, or it is not yours.');
}
