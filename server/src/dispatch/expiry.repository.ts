import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';

/** Jobs nobody took before their queue timeout. SKIP LOCKED: a claim that is under way wins. */
const EXPIRE_QUEUED: Statement = {
  name: 'dispatch.queue.expire',
  text: /* sql */ `
    WITH due AS MATERIALIZED (
      SELECT id FROM jobs WHERE queued AND queue_expires_at < clock_timestamp()
      ORDER BY id LIMIT $1
      FOR NO KEY UPDATE SKIP LOCKED
    ), expired AS (
      UPDATE jobs j SET state = 'expired', reason = 'queue_timeout', finished_at = clock_timestamp()
      FROM due d WHERE j.id = d.id AND j.state = 'queued'
      RETURNING j.id, j.organization_id
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, type, data)
      SELECT organization_id, id, 'finished', jsonb_build_object('state', 'expired', 'reason', 'queue_timeout')
      FROM expired
    )
    SELECT id AS "jobId", organization_id AS "organizationId" FROM expired`,
};

export interface ExpiredJob {
  readonly jobId: JobId;
  readonly organizationId: OrganizationId;
}

@Injectable()
export class ExpiryRepository {
  constructor(private readonly database: Database) {}

  expireQueued(limit: number): Promise<ExpiredJob[]> {
    return this.database.query(EXPIRE_QUEUED, [limit]);
  }
}
