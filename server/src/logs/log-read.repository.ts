import { Injectable } from '@nestjs/common';
import type { JobId, JobReason, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { weekStatement } from './partitions/week-statement.js';

/** Where the log of one attempt stands. */
export interface LogStanding {
  readonly jobState: JobState;
  /** Number of the job's current or last attempt; 0: never claimed. */
  readonly latestAttempt: number;
  /** null: there is no such attempt (yet). */
  readonly attempt: AttemptStanding | null;
  /** The day (UTC) on which retention removed the attempt's log, from database and archive; null: it did not. */
  readonly removedOn: string | null;
}

export interface AttemptStanding {
  readonly lastSeq: number;
  /** Nothing is written any more. */
  readonly ended: boolean;
  readonly reason: JobReason | null;
  /** The runner's own count of lines is stored to the last one. */
  readonly complete: boolean;
}

/** @typeParam Lines how the text of the lines arrives */
export interface StoredChunk<Lines = string> {
  readonly first_seq: number;
  readonly last_seq: number;
  /** JSON array of WireLogLine. */
  readonly lines: Lines;
}

export type OnChunk = (chunk: StoredChunk<Buffer>) => boolean;

/** $3: the attempt asked for; null: the latest. */
const LOG_STANDING: Statement = {
  name: 'log-standing',
  text: /* sql */ `
    SELECT j.state, j.attempt AS latest_attempt, a.last_seq, a.ended_at IS NOT NULL AS ended, a.reason, a.log_complete,
      CASE WHEN j.id < r.log_floor AND NOT EXISTS (SELECT FROM retained_logs l WHERE l.job_id = j.id)
        AND (x.job_id IS NULL OR x.removed_on IS NOT NULL) THEN GREATEST(x.removed_on, (
          SELECT min(day) FROM log_removals d WHERE d.organization_id = $1 AND d.log_floor > j.id))::text END AS removed_on
    FROM jobs j LEFT JOIN job_attempts a ON a.job_id = j.id AND a.attempt = COALESCE($3, j.attempt)
      LEFT JOIN log_archives x ON x.job_id = j.id AND x.attempt = COALESCE($3, j.attempt)
      LEFT JOIN retention r ON r.organization_id = j.organization_id
    WHERE j.organization_id = $1 AND j.id = $2`,
};

/** Chunks of one line each are small, chunks of a busy log are not: a page is limited by both. */
interface PageSize {
  readonly chunks: number;
  readonly bytes: number;
}

/**
 * The chunks that hold lines after $3 and before $4 of step $5 (null: of any), in order, about a page of them. The
 * first one is looked up by its own first number, so that the primary key answers the whole question. Sizes are known
 * without decompressing.
 */
const pageOfChunks =
  ({ chunks, bytes }: PageSize) =>
  (isInWeek: string): string => /* sql */ `
    SELECT first_seq, last_seq, lines FROM (
      SELECT first_seq, last_seq, lines,
        sum(octet_length(lines)) OVER (ORDER BY first_seq) - octet_length(lines) AS bytes_before
      FROM (
        SELECT first_seq, last_seq, lines FROM log_chunks
        WHERE job_id = $1 AND ${isInWeek} AND attempt = $2 AND first_seq < $4 AND last_seq > $3
          AND first_seq >= COALESCE((
            SELECT max(first_seq) FROM log_chunks WHERE job_id = $1 AND ${isInWeek} AND attempt = $2 AND first_seq <= $3 + 1), 0)
          AND ($5::integer IS NULL OR min_step IS NULL OR $5 BETWEEN min_step AND max_step)
        ORDER BY first_seq LIMIT ${chunks}
      ) AS window_of_chunks
    ) AS sized
    WHERE bytes_before < ${bytes}
    ORDER BY first_seq`;

const MIB = 1024 * 1024;
const READ_CHUNKS = weekStatement('read-log-chunks', pageOfChunks({ chunks: 256, bytes: MIB }));
/** They go by and are not kept. One that is not wanted to its end must still be taken to its end: some 50 ms. */
const SCAN_CHUNKS = weekStatement('scan-log-chunks', pageOfChunks({ chunks: 1024, bytes: 16 * MIB }));

/** Most of them hold one step only, and then their lines need not be read to be counted. */
export interface CountedChunk {
  readonly first_seq: number;
  readonly last_seq: number;
  /** null: every line is of the step asked for. */
  readonly lines: string | null;
}

/** The chunks with lines of step $4 before $3, the last ones first. */
const COUNT_CHUNKS_BACK = weekStatement(
  'count-log-chunks-back',
  (isInWeek) => /* sql */ `
    SELECT first_seq, last_seq, CASE WHEN min_step = $4 AND max_step = $4 AND NOT is_cut THEN NULL ELSE lines END AS lines
    FROM log_chunks
    WHERE job_id = $1 AND ${isInWeek} AND attempt = $2 AND first_seq < $3
      AND (min_step IS NULL OR $4 BETWEEN min_step AND max_step)
    ORDER BY first_seq DESC LIMIT 16`,
);

/** The line in place of what was left out, if number $3 is under it. */
const CUT_AT = weekStatement(
  'log-cut-at',
  (isInWeek) => /* sql */ `
    SELECT first_seq AS "firstSeq" FROM (
      SELECT first_seq, last_seq, is_cut FROM log_chunks
      WHERE job_id = $1 AND ${isInWeek} AND attempt = $2 AND first_seq <= $3 ORDER BY first_seq DESC LIMIT 1) AS at
    WHERE is_cut AND last_seq >= $3`,
);

interface StandingRow {
  readonly state: JobState;
  readonly latest_attempt: number;
  readonly last_seq: number | null;
  readonly ended: boolean;
  readonly reason: JobReason | null;
  readonly log_complete: boolean | null;
  readonly removed_on: string | null;
}

@Injectable()
export class LogReadRepository {
  constructor(private readonly database: Database) {}

  /** @param attempt null: the latest. @returns null: the organization has no such job */
  async standing(organizationId: OrganizationId, jobId: JobId, attempt: number | null): Promise<LogStanding | null> {
    const [row] = await this.database.query<StandingRow>(LOG_STANDING, [organizationId, jobId, attempt]);
    if (row === undefined) return null;
    const {
      state: jobState,
      latest_attempt: latestAttempt,
      last_seq: lastSeq,
      ended,
      reason,
      removed_on: removedOn,
    } = row;
    if (lastSeq === null) return { jobState, latestAttempt, attempt: null, removedOn };
    const complete = row.log_complete === true;
    return { jobState, latestAttempt, attempt: { lastSeq, ended, reason, complete }, removedOn };
  }

  /**
   * The next chunks with lines of the step in (after, before); empty: there are none. The caller has checked whose job
   * it is. They may hold lines of other steps as well, and the outer ones lines outside of the range.
   *
   * @param step null: any
   */
  chunks(
    jobId: JobId,
    attempt: number,
    after: number,
    before: number,
    step: number | null = null,
  ): Promise<StoredChunk[]> {
    return this.database.query<StoredChunk>(READ_CHUNKS(jobId), [jobId, attempt, after, before, step]);
  }

  /**
   * Hands the same chunks over as bytes, while they arrive and many more of them.
   *
   * @param each may keep nothing of the bytes; false: no more chunks are wanted
   */
  scan(
    jobId: JobId,
    attempt: number,
    after: number,
    before: number,
    step: number | null,
    each: OnChunk,
  ): Promise<void> {
    return this.database.copy(SCAN_CHUNKS(jobId), [jobId, attempt, after, before, step], ([first, last, lines]) =>
      each({
        first_seq: Number(first!.readBigInt64BE()),
        last_seq: Number(last!.readBigInt64BE()),
        lines: lines!,
      }),
    );
  }

  /** The last chunks that begin before a line and hold lines of the step, from the last one up; empty: there are none. */
  chunksBack(jobId: JobId, attempt: number, before: number, step: number): Promise<CountedChunk[]> {
    return this.database.query<CountedChunk>(COUNT_CHUNKS_BACK(jobId), [jobId, attempt, before, step]);
  }

  /** @returns the number of the line that stands for this one, which was left out; null: it was not */
  async cutAt(jobId: JobId, attempt: number, seq: number): Promise<number | null> {
    const [row] = await this.database.query<{ firstSeq: number }>(CUT_AT(jobId), [jobId, attempt, seq]);
    return row?.firstSeq ?? null;
  }
}
