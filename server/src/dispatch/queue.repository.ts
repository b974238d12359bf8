import { Injectable } from '@nestjs/common';
import type { JobId, JobState, OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { storedLane, type Lane, type StoredDemands } from '../domain/dispatch/lanes.js';
import { DEMANDS } from './demands.sql.js';
import type { QueuePosition } from './lane-queue.js';

const BEST: Statement = {
  name: 'dispatch.queue.best',
  text: /* sql */ `
    SELECT id AS "jobId", priority, rank FROM jobs
    WHERE lane = $1 AND stage = 'queued'
    ORDER BY rank, id LIMIT $2`,
};

/** One range of the index, so that the millions of rows before the position are never visited. */
const AFTER: Statement = {
  name: 'dispatch.queue.after',
  text: /* sql */ `
    SELECT id AS "jobId", priority, rank FROM jobs
    WHERE lane = $1 AND stage = 'queued' AND (rank, id) > ($3::bigint, $4::uuid)
    ORDER BY rank, id LIMIT $2`,
};

/** Lanes with queued jobs, by skipping through the index: the cost is one step for each lane, not for each job. */
const LANES: Statement = {
  name: 'dispatch.queue.lanes',
  text: /* sql */ `
    WITH RECURSIVE lanes AS (
      (SELECT lane FROM jobs WHERE stage = 'queued' AND lane > $1 ORDER BY lane LIMIT 1)
      UNION ALL
      SELECT (SELECT lane FROM jobs WHERE stage = 'queued' AND lane > lanes.lane ORDER BY lane LIMIT 1)
      FROM lanes WHERE lanes.lane IS NOT NULL
    )
    SELECT lane FROM lanes WHERE lane IS NOT NULL LIMIT $2`,
};

const DEMANDS_OF_LANES: Statement = {
  name: 'dispatch.queue.demands',
  text: /* sql */ `
    SELECT j.lane AS fingerprint, j.organization_id AS "organizationId", ${DEMANDS} AS demands
    FROM unnest($1::text[]) AS wanted (lane)
    CROSS JOIN LATERAL (
      SELECT * FROM jobs WHERE jobs.lane = wanted.lane AND stage = 'queued' ORDER BY rank, id LIMIT 1
    ) AS j
    JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id`,
};

const FIND: Statement = {
  name: 'dispatch.queue.find',
  text: /* sql */ `
    SELECT j.id AS "jobId", j.lane AS fingerprint, j.organization_id AS "organizationId", j.state, j.priority, j.rank,
      ${DEMANDS} AS demands
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.id = ANY($1::uuid[])`,
};

export interface FoundJob extends QueuePosition {
  readonly organizationId: OrganizationId;
  readonly state: JobState;
  readonly lane: Lane;
}

interface DemandsRow {
  readonly fingerprint: string;
  readonly organizationId: OrganizationId;
  readonly demands: StoredDemands;
}

/** Reads of the queue. Nothing read here decides anything: the claim does. */
@Injectable()
export class QueueRepository {
  constructor(private readonly database: Database) {}

  /** The best waiting jobs of a lane, or those that follow a position. */
  waiting(lane: string, after: QueuePosition | null, limit: number): Promise<QueuePosition[]> {
    return after === null
      ? this.database.query(BEST, [lane, limit])
      : this.database.query(AFTER, [lane, limit, after.rank, after.jobId]);
  }

  /** Fingerprints of lanes with queued jobs, in order, after the given one. */
  async lanes(after: string, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ lane: string }>(LANES, [after, limit]);
    return rows.map((row) => row.lane);
  }

  /** What the jobs of these lanes demand; lanes without queued jobs are left out. */
  async describe(fingerprints: readonly string[]): Promise<Lane[]> {
    if (fingerprints.length === 0) return [];
    const rows = await this.database.query<DemandsRow>(DEMANDS_OF_LANES, [fingerprints]);
    return rows.map((row) => storedLane(row.fingerprint, row.organizationId, row.demands));
  }

  async find(jobIds: readonly JobId[]): Promise<FoundJob[]> {
    const rows = await this.database.query<Omit<FoundJob, 'lane'> & DemandsRow>(FIND, [jobIds]);
    return rows.map(({ fingerprint, demands, ...job }) => ({
      ...job,
      lane: storedLane(fingerprint, job.organizationId, demands),
    }));
  }
}
