import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId, WireLogLine } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { cutLine } from '../domain/logs/cut-counts.js';
import { timeOfId } from '../domain/logs/id-time.js';
import { hourOf } from '../domain/logs/log-floor.js';
import { weekStatement } from './partitions/week-statement.js';

/** One cut of a log at a time, whichever server does it. */
const LOCK: Statement = {
  name: 'log-cut.lock',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('dibs.log-cut ' || $1, 0))`,
};

const SIZE = 'COALESCE(bytes, octet_length(lines))';

/**
 * What lies between the first $3 bytes and the last $4, in whole chunks, and the line that stands for what was left out
 * before. Chunks that hold lines of one step only need not be unpacked.
 */
const TAKE_OUT = weekStatement(
  'log-cut.take-out',
  (isInWeek) => /* sql */ `
    WITH sized AS MATERIALIZED (
      SELECT first_seq, is_cut, sum(${SIZE}) OVER (ORDER BY first_seq) - ${SIZE} AS bytes_before,
        sum(${SIZE}) OVER (ORDER BY first_seq DESC) AS bytes_to_end
      FROM log_chunks WHERE job_id = $1 AND ${isInWeek} AND attempt = $2
    ), gone AS (
      DELETE FROM log_chunks c USING sized s
      WHERE c.job_id = $1 AND c.${isInWeek} AND c.attempt = $2 AND c.first_seq = s.first_seq
        AND (s.is_cut OR (s.bytes_before >= $3 AND s.bytes_to_end > $4))
      RETURNING c.first_seq, c.last_seq, c.organization_id, c.min_step, c.bytes, c.lines, c.is_cut
    )
    SELECT first_seq AS "firstSeq", last_seq AS "lastSeq", organization_id AS "organizationId", min_step AS "minStep",
      bytes, CASE WHEN bytes IS NULL THEN lines END AS lines, CASE WHEN is_cut THEN 0 ELSE ${SIZE} END AS size
    FROM gone ORDER BY first_seq`,
);

const PUT_LINE: Statement = {
  name: 'log-cut.put-line',
  text: /* sql */ `
    INSERT INTO log_chunks (job_id, attempt, first_seq, last_seq, organization_id, lines, min_step, max_step, is_cut)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true)`,
};

/** What is left out takes no room any more. */
const USES_LESS: Statement = {
  name: 'log-cut.uses-less',
  text: /* sql */ `
    INSERT INTO log_usage AS u (organization_id, hour, bytes) VALUES ($1, $2, -$3::bigint)
    ON CONFLICT (organization_id, hour) DO UPDATE SET bytes = u.bytes + EXCLUDED.bytes`,
};

const STORED_BYTES = weekStatement(
  'log-cut.stored-bytes',
  (isInWeek) => /* sql */ `
    SELECT COALESCE(sum(${SIZE}), 0)::bigint AS bytes FROM log_chunks WHERE job_id = $1 AND ${isInWeek} AND attempt = $2`,
);

interface GoneRow {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly organizationId: OrganizationId;
  readonly minStep: number;
  readonly bytes: number | null;
  readonly lines: string | null;
  readonly size: number;
}

@Injectable()
export class LogCutRepository {
  constructor(private readonly database: Database) {}

  /**
   * Leaves out the middle of a log, in one transaction: a reader finds the lines, or the line that counts them.
   *
   * @param headBytes to keep, at least, of the beginning
   * @param tailBytes to keep, at most, of the end
   */
  async cut(jobId: JobId, attempt: number, headBytes: number, tailBytes: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(LOCK, [jobId]);
      const rows = await tx.query<GoneRow>(TAKE_OUT(jobId), [jobId, attempt, headBytes, tailBytes]);
      const [first, last] = [rows[0], rows[rows.length - 1]];
      if (!first || !last) return;
      const gone = rows.map((row) => ({ ...row, lines: linesOf(row.lines) }));
      const size = rows.reduce((sum, row) => sum + row.size, 0);
      await tx.query(USES_LESS, [first.organizationId, hourOf(timeOfId(jobId)), size]);
      const line = cutLine(gone, Date.now());
      const steps = [line[1], line[4]?.steps?.at(-1)?.step ?? line[1]];
      const where = [jobId, attempt, first.firstSeq, last.lastSeq, first.organizationId];
      await tx.query(PUT_LINE, [...where, JSON.stringify([line]), ...steps]);
    });
  }

  /** What a log takes, by the measure of its limit. */
  async storedBytes(jobId: JobId, attempt: number): Promise<number> {
    const rows = await this.database.query<{ bytes: number }>(STORED_BYTES(jobId), [jobId, attempt]);
    return rows[0]!.bytes;
  }
}

function linesOf(json: string | null): readonly WireLogLine[] | null {
  return json === null ? null : (JSON.parse(json) as WireLogLine[]);
}
