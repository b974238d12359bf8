import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { weekStatement } from '../logs/partitions/week-statement.js';
import type { LogObjectSummary } from './format/log-object-writer.js';

export interface ArchivedLog {
  readonly objectName: string;
  readonly indexFrom: number;
  readonly indexBytes: number;
  readonly indexSha256: string;
}

export interface LogCopy {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly objectName: string;
}

/** Only if the database has nothing of the log any more: what it has is read from there. */
const FIND = weekStatement(
  'archived-log.find',
  (isInWeek) => /* sql */ `
    SELECT object_name AS "objectName", index_from AS "indexFrom", index_bytes AS "indexBytes",
      encode(index_sha256, 'hex') AS "indexSha256"
    FROM log_archives
    WHERE job_id = $1 AND attempt = $2 AND removed_on IS NULL
      AND NOT EXISTS (SELECT FROM log_chunks WHERE job_id = $1 AND ${isInWeek} AND attempt = $2)`,
);

/** Before the object is there: whatever becomes of its writer, it is removed unless it was recorded. */
const INTEND: Statement = {
  name: 'archived-log.intend',
  text: /* sql */ `
    INSERT INTO log_archive_removals (object_name, due_at) VALUES ($1, clock_timestamp() + interval '1 day')`,
};

/** Nothing, when the job was removed meanwhile, somebody else recorded a copy, or the object is being removed already. */
const RECORD: Statement = {
  name: 'archived-log.record',
  text: /* sql */ `
    WITH job AS MATERIALIZED (SELECT id FROM jobs WHERE id = $1 FOR KEY SHARE),
    intended AS MATERIALIZED (
      SELECT object_name FROM log_archive_removals WHERE object_name = $4 AND NOT is_begun FOR UPDATE),
    recorded AS (
      INSERT INTO log_archives (job_id, attempt, organization_id, object_name, object_bytes, sha256, index_from, index_bytes,
        index_sha256)
      SELECT job.id, $2, $3, intended.object_name, $5, decode($6, 'hex'), $7, $8, decode($9, 'hex') FROM job, intended
      ON CONFLICT DO NOTHING
      RETURNING object_name)
    DELETE FROM log_archive_removals r USING recorded WHERE r.object_name = recorded.object_name`,
};

@Injectable()
export class ArchivedLogRepository {
  constructor(private readonly database: Database) {}

  async find(jobId: JobId, attempt: number): Promise<ArchivedLog | null> {
    const [row] = await this.database.query<ArchivedLog>(FIND(jobId), [jobId, attempt]);
    return row ?? null;
  }

  async intend(objectName: string): Promise<void> {
    await this.database.query(INTEND, [objectName]);
  }

  /** From now on the log may be read from there; its object was read back. */
  async record(log: LogCopy, { bytes, sha256, index }: LogObjectSummary): Promise<void> {
    const what = [log.jobId, log.attempt, log.organizationId, log.objectName];
    await this.database.query(RECORD, [...what, bytes, sha256, index.from, index.bytes, index.sha256]);
  }
}
