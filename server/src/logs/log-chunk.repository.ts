import { Injectable } from '@nestjs/common';
import type { InstanceId, JobId, LogBatch, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { textArray } from '../database/text-array.js';
import type { LinesMeasured } from './measure-lines.js';

/** Who writes to which attempt, and the proof that it may. */
export interface LogWriter {
  readonly organizationId: OrganizationId;
  readonly instanceId: InstanceId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly claimToken: string;
}

export interface ChunkToAppend extends LogWriter {
  readonly firstSeq: number;
  readonly lines: LogBatch['lines'];
}

export interface MeasuredChunk extends ChunkToAppend {
  readonly measured: LinesMeasured;
}

/** `fenced`: the attempt has ended or is somebody else's. `storedSeq`: the attempt's last line before this statement. */
export type Appended =
  { readonly fenced: true } | { readonly fenced: false; readonly appended: boolean; readonly storedSeq: number };

/**
 * One statement for the chunks of many attempts. The job rows are the fence: they are locked in one order, and a
 * chunk is stored only while its attempt is current, is the writer's, and ends exactly where the chunk begins. So two
 * writers, an old attempt, or a repeated or reordered batch cannot make a hole or a double line.
 */
const APPEND_CHUNKS: Statement = {
  name: 'append-log-chunks',
  text: /* sql */ `
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest($1::integer[], $2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::text[],
        $7::bigint[], $8::bigint[], $9::text[], $10::integer[], $11::integer[], $12::integer[])
      AS i (position, organization_id, instance_id, job_id, attempt, claim_token, first_seq, last_seq, lines,
        min_step, max_step, bytes)
    ), held AS MATERIALIZED (
      SELECT i.position, j.last_seq AS stored_seq
      FROM input i JOIN jobs j ON j.id = i.job_id AND j.attempt = i.attempt
      WHERE j.organization_id = i.organization_id AND j.instance_id = i.instance_id
        AND j.claim_token = i.claim_token AND j.state IN ('claimed', 'running')
      ORDER BY j.id
      FOR NO KEY UPDATE OF j
    ), next AS (
      SELECT i.*, h.stored_seq FROM input i JOIN held h USING (position) WHERE h.stored_seq = i.first_seq - 1
    ), stored AS (
      INSERT INTO log_chunks (job_id, attempt, first_seq, last_seq, organization_id, lines, min_step, max_step, bytes)
      SELECT job_id, attempt, first_seq, last_seq, organization_id, lines, min_step, max_step, bytes FROM next
    ), advanced AS (
      UPDATE jobs j SET last_seq = n.last_seq FROM next n WHERE j.id = n.job_id
    )
    SELECT h.position, h.stored_seq, n.position IS NOT NULL AS appended
    FROM held h LEFT JOIN next n USING (position)`,
};

interface AppendedRow {
  readonly position: number;
  readonly stored_seq: number;
  readonly appended: boolean;
}

@Injectable()
export class LogChunkRepository {
  constructor(private readonly database: Database) {}

  /**
   * Committed when it answers, one answer per chunk in order.
   *
   * @param chunks at most one of each attempt
   */
  async append(chunks: readonly MeasuredChunk[]): Promise<Appended[]> {
    const rows = await this.database.query<AppendedRow>(APPEND_CHUNKS, [
      chunks.map((_, position) => position),
      chunks.map((chunk) => chunk.organizationId),
      chunks.map((chunk) => chunk.instanceId),
      chunks.map((chunk) => chunk.jobId),
      chunks.map((chunk) => chunk.attempt),
      chunks.map((chunk) => chunk.claimToken),
      chunks.map((chunk) => chunk.firstSeq),
      chunks.map((chunk) => chunk.firstSeq + chunk.lines.length - 1),
      // JSON escapes NUL and halves of surrogate pairs, which PostgreSQL's text cannot hold, so every line is kept exactly
      textArray(chunks.map((chunk) => JSON.stringify(chunk.lines))),
      chunks.map(({ measured }) => measured.minStep),
      chunks.map(({ measured }) => measured.maxStep),
      chunks.map(({ measured: { isUniform, bytes } }) => (isUniform ? bytes : null)),
    ]);
    const byPosition = new Map(rows.map((row) => [row.position, row]));
    return chunks.map((_, position) => {
      const row = byPosition.get(position);
      if (row === undefined) return { fenced: true };
      return { fenced: false, appended: row.appended, storedSeq: row.stored_seq };
    });
  }
}
