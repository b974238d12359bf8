import { Injectable } from '@nestjs/common';
import type { FailedJob, JobId, JobState, KnownError, OrganizationId, OtherFailures } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { LOG_FLOOR, LOG_IS_KEPT } from './kept-logs.sql.js';
import { JOB_OF_LINE, toJobOfLine, type JobOfLineRow } from './log-search.repository.js';

/** More are not counted. */
const MOST_COUNTED = 10_000;
const MOST_RECENT = 3;

/** `isSigned`: whether the log of the last attempt was looked through, or is gone. */
const FIND: Statement = {
  name: 'find-log-error',
  text: /* sql */ `
    SELECT j.state, j.last_seq AS "lastSeq",
      EXISTS (SELECT FROM log_signatures g WHERE g.job_id = j.id AND g.attempt = j.attempt)
        OR NOT ${LOG_IS_KEPT} AS "isSigned",
      e.attempt, e.seq, e.step, e.line, e.pattern, e.fingerprint
    FROM jobs j LEFT JOIN log_errors e ON e.organization_id = j.organization_id AND e.job_id = j.id
      AND e.job_id >= ${LOG_FLOOR}
    WHERE j.organization_id = $1 AND j.id = $2`,
};

/** $3: the job that they are the others of. Ids sort by age. */
const OTHERS: Statement = {
  name: 'others-with-log-error',
  text: /* sql */ `
    WITH others AS MATERIALIZED (
      SELECT job_id FROM log_errors WHERE organization_id = $1 AND fingerprint = $2 AND job_id <> $3 AND job_id >= ${LOG_FLOOR}
      ORDER BY job_id DESC LIMIT ${MOST_COUNTED + 1})
    SELECT (SELECT count(*)::integer FROM others) AS count,
      (SELECT s.created_at FROM log_errors e
       JOIN job_submissions s ON s.organization_id = e.organization_id AND s.id = e.job_id
       WHERE e.organization_id = $1 AND e.fingerprint = $2 AND e.job_id <> $3 AND e.job_id >= ${LOG_FLOOR}
       ORDER BY e.job_id LIMIT 1) AS first_at,
      ${JOB_OF_LINE}
    FROM (SELECT job_id FROM others ORDER BY job_id DESC LIMIT ${MOST_RECENT}) AS o
    JOIN jobs j ON j.id = o.job_id
    JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    ORDER BY j.id DESC`,
};

const JOBS: Statement = {
  name: 'jobs-with-log-error',
  text: /* sql */ `
    SELECT ${JOB_OF_LINE}, e.attempt, e.seq, e.step, e.line, e.pattern
    FROM log_errors e
    JOIN jobs j ON j.id = e.job_id
    JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE e.organization_id = $1 AND e.fingerprint = $2 AND e.job_id < $3 AND e.job_id >= ${LOG_FLOOR}
    ORDER BY e.job_id DESC LIMIT $4`,
};

interface ErrorRow {
  readonly attempt: number;
  readonly seq: number;
  readonly step: number;
  readonly line: string;
  readonly pattern: string;
}

export interface FoundError {
  readonly state: JobState;
  readonly lastSeq: number;
  readonly isSigned: boolean;
  readonly error: (KnownError & FailedJob['error']) | null;
}

@Injectable()
export class LogErrorRepository {
  constructor(private readonly database: Database) {}

  /** @returns null: the organization has no such job */
  async find(organizationId: OrganizationId, jobId: JobId): Promise<FoundError | null> {
    const [row] = await this.database.query<Omit<FoundError, 'error'> & ErrorRow & { fingerprint: string | null }>(
      FIND,
      [organizationId, jobId],
    );
    if (row === undefined) return null;
    const { state, lastSeq, isSigned, fingerprint, pattern } = row;
    return {
      state,
      lastSeq,
      isSigned,
      error: fingerprint === null ? null : { fingerprint, pattern, ...toErrorLine(row) },
    };
  }

  /** @param jobId whose error it is */
  async others(organizationId: OrganizationId, fingerprint: string, jobId: JobId): Promise<OtherFailures> {
    const rows = await this.database.query<JobOfLineRow & { count: number; first_at: Date }>(OTHERS, [
      organizationId,
      fingerprint,
      jobId,
    ]);
    const recent = rows.map(toJobOfLine);
    const count = rows[0]?.count ?? 0;
    return {
      jobs: Math.min(count, MOST_COUNTED),
      isMore: count > MOST_COUNTED,
      firstAt: rows[0]?.first_at.toISOString() ?? null,
      lastAt: recent[0]?.createdAt ?? null,
      recent,
    };
  }

  /** The newest first. */
  async jobs(organizationId: OrganizationId, fingerprint: string, before: string, limit: number): Promise<FailedJob[]> {
    const rows = await this.database.query<JobOfLineRow & ErrorRow>(JOBS, [organizationId, fingerprint, before, limit]);
    return rows.map((row) => ({ job: toJobOfLine(row), error: toErrorLine(row) }));
  }
}

function toErrorLine({ attempt, seq, step, line: text }: ErrorRow): FailedJob['error'] {
  return { attempt, seq, step, text };
}
