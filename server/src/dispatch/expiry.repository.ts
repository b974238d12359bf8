import { Injectable } from '@nestjs/common';
import type { JobId, JobReason, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';

/**
 * Jobs nobody took before their queue timeout, and jobs that were not even let into the queue until then: the reason
 * says what they waited for. SKIP LOCKED: a claim or a promotion that is under way wins. An index is not asked about
 * clock_timestamp(), which changes from row to row: it would be walked through to its end.
 */
const EXPIRE: Statement = {
  name: 'dispatch.queue.expire',
  text: /* sql */ `
    WITH untaken AS MATERIALIZED (
      SELECT id FROM jobs WHERE stage = 'queued' AND queue_expires_at < statement_timestamp()
      ORDER BY queue_expires_at LIMIT $1
      FOR NO KEY UPDATE SKIP LOCKED
    ), held_back AS MATERIALIZED (
      SELECT id FROM jobs
      WHERE stage = 'waiting' AND reason IN ('concurrency_group', 'quota') AND queue_expires_at < statement_timestamp()
      ORDER BY queue_expires_at LIMIT $1
      FOR NO KEY UPDATE SKIP LOCKED
    ), due AS (
      SELECT id FROM untaken UNION ALL SELECT id FROM held_back
    ), expired AS (
      UPDATE jobs j SET state = 'expired', finished_at = clock_timestamp(), reason = CASE
        WHEN j.state = 'queued' THEN 'queue_timeout'
        WHEN j.reason = 'quota' THEN 'quota_timeout'
        ELSE 'group_timeout' END
      FROM due d WHERE j.id = d.id AND j.state IN ('queued', 'waiting')
      RETURNING j.id, j.organization_id, j.reason, j.concurrency_key, j.parent_id
    )
    SELECT id AS "jobId", organization_id AS "organizationId", reason, concurrency_key AS "concurrencyKey",
      parent_id AS "parentId"
    FROM expired`,
};

export interface ExpiredJob {
  readonly jobId: JobId;
  readonly organizationId: OrganizationId;
  readonly reason: JobReason;
  readonly concurrencyKey: string | null;
  readonly parentId: JobId | null;
}

@Injectable()
export class ExpiryRepository {
  constructor(private readonly database: Database) {}

  /** At most so many of those that were queued, and of those that waited. */
  expire(limit: number): Promise<ExpiredJob[]> {
    return this.database.query(EXPIRE, [limit]);
  }
}
