import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { uuidv7 } from '../platform/uuid.js';

export interface WarnedLane {
  readonly organizationId: OrganizationId;
  readonly lane: string;
}

/** Jobs at the head of a lane that are told of a change at once; the others are told by the next look at them. */
const TOLD_JOBS = 20;

const CURRENT: Statement = {
  name: 'lane-warning.current',
  text: /* sql */ `
    SELECT organization_id AS "organizationId", lane FROM lane_warnings WHERE cleared_at IS NULL`,
};

/** Of several servers that look at the same moment one makes the row. */
const RAISE: Statement = {
  name: 'lane-warning.raise',
  text: /* sql */ `
    INSERT INTO lane_warnings (id, organization_id, lane)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])
    ON CONFLICT (lane) WHERE cleared_at IS NULL DO NOTHING
    RETURNING organization_id AS "organizationId", lane`,
};

const CLEAR: Statement = {
  name: 'lane-warning.clear',
  text: /* sql */ `
    UPDATE lane_warnings SET cleared_at = clock_timestamp()
    WHERE lane = ANY($1::text[]) AND cleared_at IS NULL
    RETURNING organization_id AS "organizationId", lane`,
};

/** What is over is kept as long as time lines may want to tell of it. */
const FORGET: Statement = {
  name: 'lane-warning.forget',
  text: /* sql */ `DELETE FROM lane_warnings WHERE cleared_at < clock_timestamp() - interval '90 days'`,
};

const HEADS: Statement = {
  name: 'lane-warning.heads',
  text: /* sql */ `
    SELECT j.id FROM unnest($1::text[]) AS w (lane)
    CROSS JOIN LATERAL (SELECT id FROM jobs WHERE jobs.lane = w.lane AND stage = 'queued' ORDER BY rank, id LIMIT ${TOLD_JOBS}) j`,
};

/** Lanes whose jobs no known instance could ever take. One row for a lane, however many jobs wait in it. */
@Injectable()
export class LaneWarningRepository {
  constructor(private readonly database: Database) {}

  current(): Promise<WarnedLane[]> {
    return this.database.query(CURRENT);
  }

  /** @returns those that were not raised yet */
  async raise(lanes: readonly WarnedLane[]): Promise<WarnedLane[]> {
    if (lanes.length === 0) return [];
    const organizations = lanes.map((each) => each.organizationId);
    return this.database.query(RAISE, [lanes.map(() => uuidv7()), organizations, lanes.map((each) => each.lane)]);
  }

  /** @returns those that were raised until now */
  async clear(lanes: readonly string[]): Promise<WarnedLane[]> {
    return lanes.length === 0 ? [] : this.database.query(CLEAR, [lanes]);
  }

  async forget(): Promise<void> {
    await this.database.query(FORGET);
  }

  /** The best waiting jobs of one lane. */
  async headOf(lane: string): Promise<JobId[]> {
    return (await this.database.query<{ id: JobId }>(HEADS, [[lane]])).map(({ id }) => id);
  }
}
