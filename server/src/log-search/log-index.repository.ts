import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { LOG_IS_KEPT } from './kept-logs.sql.js';
import type { LogSignature } from './log-signature.js';

/** The log of an attempt of a job that has ended, without signatures. */
export interface UnsignedLog {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly lastSeq: number;
  /** The job failed with this attempt. */
  readonly hasFailed: boolean;
  /** null: no step did. */
  readonly failedStep: number | null;
}

export interface ErrorToKeep {
  readonly attempt: number;
  readonly seq: number;
  readonly step: number;
  readonly line: string;
  readonly pattern: string;
  readonly fingerprint: string;
}

export interface SignedLog extends Pick<UnsignedLog, 'organizationId' | 'jobId' | 'attempt'> {
  readonly signatures: readonly LogSignature[];
  readonly error: ErrorToKeep | null;
}

const TERMINAL = `('succeeded', 'failed', 'canceled', 'timed_out', 'lost', 'expired')`;

/** The unsigned logs of jobs `ids`. Nothing of a job in a terminal state is written any more. */
const UNSIGNED = /* sql */ `
  SELECT j.organization_id AS "organizationId", j.id AS "jobId", a.attempt, a.last_seq AS "lastSeq",
    j.state IN ('failed', 'timed_out') AND a.attempt = j.attempt AS "hasFailed",
    (SELECT p.step FROM job_steps p
     WHERE p.job_id = j.id AND p.attempt = a.attempt AND p.state IN ('failed', 'timed_out')
     ORDER BY p.step LIMIT 1) AS "failedStep"
  FROM ids CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = ids.id OFFSET 0) AS j
  CROSS JOIN LATERAL (
    SELECT j.attempt, j.last_seq
    UNION ALL
    SELECT e.attempt, e.last_seq FROM earlier_attempts e WHERE j.attempt > 1 AND e.job_id = j.id) AS a
  WHERE j.state IN ${TERMINAL} AND a.last_seq > 0 AND ${LOG_IS_KEPT}
    AND NOT EXISTS (SELECT FROM log_signatures g WHERE g.job_id = j.id AND g.attempt = a.attempt)`;

const UNSIGNED_OF: Statement = {
  name: 'unsigned-logs-of',
  text: `WITH ids AS MATERIALIZED (SELECT unnest($1::uuid[]) AS id) ${UNSIGNED}`,
};

/** $3: seconds for which a job must have ended: the younger ones are somebody's already. */
const UNSIGNED_BEFORE: Statement = {
  name: 'unsigned-logs-before',
  text: /* sql */ `
    WITH ids AS MATERIALIZED (SELECT id FROM jobs WHERE id < $1 ORDER BY id DESC LIMIT $2),
    unsigned AS (${UNSIGNED} AND j.finished_at < clock_timestamp() - make_interval(secs => $3))
    SELECT (SELECT count(*)::integer FROM ids) AS jobs, (SELECT id FROM ids ORDER BY id LIMIT 1) AS "lastId", unsigned.*
    FROM (SELECT) AS always LEFT JOIN unsigned ON true`,
};

/** What is about logs that retention removed, of the same jobs as above. */
const FORGET_BEFORE: Statement = {
  name: 'forget-removed-logs-before',
  text: /* sql */ `
    WITH ids AS MATERIALIZED (SELECT id FROM jobs WHERE id < $1 ORDER BY id DESC LIMIT $2),
    gone AS MATERIALIZED (
      SELECT j.id FROM ids CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = ids.id OFFSET 0) AS j
      WHERE NOT ${LOG_IS_KEPT}),
    errors AS (DELETE FROM log_errors e USING gone WHERE e.job_id = gone.id)
    DELETE FROM log_signatures g USING gone WHERE g.job_id = gone.id`,
};

/** Two servers may have signed the same log: the second changes nothing. Jobs that were removed meanwhile are passed over. */
const KEEP: Statement = {
  name: 'keep-log-signatures',
  text: /* sql */ `
    WITH failed AS (
      INSERT INTO log_errors (job_id, organization_id, attempt, seq, step, line, pattern, fingerprint)
      SELECT * FROM unnest($7::uuid[], $8::uuid[], $9::integer[], $10::bigint[], $11::integer[], $12::text[], $13::text[],
        $14::text[]) AS e (job_id, organization_id, attempt, seq, step, line, pattern, fingerprint)
      WHERE EXISTS (SELECT FROM jobs WHERE jobs.id = e.job_id)
      ON CONFLICT DO NOTHING
    )
    INSERT INTO log_signatures (job_id, organization_id, attempt, first_seq, last_seq, bits)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::bigint[], $5::bigint[], $6::bytea[])
      AS g (job_id, organization_id, attempt, first_seq, last_seq, bits)
    WHERE EXISTS (SELECT FROM jobs WHERE jobs.id = g.job_id)
    ON CONFLICT DO NOTHING`,
};

interface SweptRow extends UnsignedLog {
  readonly jobs: number;
  readonly lastId: JobId | null;
}

@Injectable()
export class LogIndexRepository {
  constructor(private readonly database: Database) {}

  unsignedOf(ids: readonly JobId[]): Promise<UnsignedLog[]> {
    return this.database.query<UnsignedLog>(UNSIGNED_OF, [ids]);
  }

  /** The unsigned logs of the next jobs, of every organization. @returns also where to go on; null: that were the oldest */
  async unsignedBefore(
    id: string,
    jobs: number,
    endedForSeconds: number,
  ): Promise<{ readonly logs: readonly UnsignedLog[]; readonly next: JobId | null }> {
    const rows = await this.database.query<SweptRow>(UNSIGNED_BEFORE, [id, jobs, endedForSeconds]);
    const [first] = rows;
    const logs = rows.filter((row) => row.jobId !== null);
    return { logs, next: first?.jobs === jobs ? first.lastId : null };
  }

  /** Removes what is about the removed logs of the next jobs, of every organization. */
  async forgetBefore(id: string, jobs: number): Promise<void> {
    await this.database.query(FORGET_BEFORE, [id, jobs]);
  }

  async keep(logs: readonly SignedLog[]): Promise<void> {
    const parts = logs.flatMap(({ signatures, ...log }) => signatures.map((signature) => ({ ...log, ...signature })));
    const failed = logs.flatMap(({ error, ...log }) => (error === null ? [] : [{ ...log, ...error }]));
    await this.database.query(KEEP, [
      parts.map((part) => part.jobId),
      parts.map((part) => part.organizationId),
      parts.map((part) => part.attempt),
      parts.map((part) => part.firstSeq),
      parts.map((part) => part.lastSeq),
      parts.map((part) => part.bits),
      failed.map((error) => error.jobId),
      failed.map((error) => error.organizationId),
      failed.map((error) => error.attempt),
      failed.map((error) => error.seq),
      failed.map((error) => error.step),
      failed.map((error) => error.line),
      failed.map((error) => error.pattern),
      failed.map((error) => error.fingerprint),
    ]);
  }
}
