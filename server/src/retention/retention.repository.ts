import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationId, RetentionRule, RetentionView } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { firstIdAt, timeOfId } from '../domain/logs/id-time.js';
import { HOUR_MS, hourOf } from '../domain/logs/log-floor.js';
import { NOT_CLAIMED } from '../jobs/job-stage.sql.js';
import { LOG_ARCHIVE } from '../log-archive/log-archive.token.js';
import type { ObjectStore } from '../log-archive/store/object-store.js';
import { exclusively } from './exclusively.js';

export interface RetentionStanding extends RetentionRule {
  readonly organizationId: OrganizationId;
  readonly logFloor: string;
  readonly logRemoved: string;
}

const RULE = 'log_days AS "logDays", log_mib AS "logMib", archive_days AS "archiveDays", job_days AS "jobDays"';

const VIEW: Statement = {
  name: 'retention.view',
  text: /* sql */ `
    SELECT ${RULE}, log_floor AS "logFloor",
      (SELECT COALESCE(sum(bytes), 0)::bigint FROM log_usage WHERE organization_id = $1) AS "logBytes"
    FROM (SELECT $1::uuid AS organization_id) AS o LEFT JOIN retention r USING (organization_id)`,
};

/** Those with something to do: a rule, or a removal that was interrupted. */
const STANDINGS: Statement = {
  name: 'retention.standings',
  text: /* sql */ `
    SELECT organization_id AS "organizationId", ${RULE}, log_floor AS "logFloor", log_removed AS "logRemoved"
    FROM retention
    WHERE log_days IS NOT NULL OR log_mib IS NOT NULL OR archive_days IS NOT NULL OR job_days IS NOT NULL
      OR log_removed < log_floor
    ORDER BY organization_id`,
};

/** The last hour of jobs with whose logs there is more than $2 bytes, counted from the newest. */
const TOO_MUCH: Statement = {
  name: 'retention.too-much',
  text: /* sql */ `
    SELECT max(hour) AS hour FROM (
      SELECT hour, sum(bytes) OVER (ORDER BY hour DESC) AS total FROM log_usage WHERE organization_id = $1) AS summed
    WHERE total > $2`,
};

const RAISE: Statement = {
  name: 'retention.raise',
  text: 'UPDATE retention SET log_floor = $2 WHERE organization_id = $1 AND log_floor < $2 RETURNING organization_id',
};

/** In the statement's own snapshot: what has not ended in it may still print. $3: and what is to be archived first. */
const RETAIN: Statement = {
  name: 'retention.retain',
  text: /* sql */ `
    INSERT INTO retained_logs (organization_id, job_id)
    SELECT organization_id, id FROM jobs WHERE organization_id = $1 AND stage = 'held' AND id < $2
    UNION ALL
    SELECT organization_id, id FROM jobs
    WHERE organization_id = $1 AND stage IN ${NOT_CLAIMED} AND id < $2
    UNION ALL
    SELECT organization_id, job_id FROM log_archive_queue WHERE $3 AND organization_id = $1 AND job_id < $2
    ON CONFLICT DO NOTHING`,
};

const FORGET_USAGE: Statement = {
  name: 'retention.forget-usage',
  text: 'DELETE FROM log_usage WHERE organization_id = $1 AND hour < $2',
};

const NOTE_DAY: Statement = {
  name: 'retention.note-day',
  text: /* sql */ `
    INSERT INTO log_removals (organization_id, day, log_floor)
    VALUES ($1, (clock_timestamp() AT TIME ZONE 'UTC')::date, $2)
    ON CONFLICT (organization_id, day) DO UPDATE SET log_floor = EXCLUDED.log_floor`,
};

@Injectable()
export class RetentionRepository {
  constructor(
    private readonly database: Database,
    @Inject(LOG_ARCHIVE) private readonly archive: ObjectStore | null,
  ) {}

  async view(organizationId: OrganizationId): Promise<RetentionView> {
    const [row] = await this.database.query<RetentionRule & { logFloor: string | null; logBytes: number }>(VIEW, [
      organizationId,
    ]);
    const { logFloor, logBytes, ...rule } = row!;
    const floorMs = logFloor === null ? 0 : timeOfId(logFloor);
    return {
      ...rule,
      logBytes: Math.max(0, logBytes),
      hasArchive: this.archive !== null,
      logsRemovedBefore: floorMs === 0 ? null : new Date(floorMs).toISOString(),
    };
  }

  standings(): Promise<RetentionStanding[]> {
    return this.database.query<RetentionStanding>(STANDINGS);
  }

  /** @returns since when the logs fit into so many bytes; null: all of them do */
  async tooMuchBefore(organizationId: OrganizationId, bytes: number): Promise<number | null> {
    const [row] = await this.database.query<{ hour: number | null }>(TOO_MUCH, [organizationId, bytes]);
    return row?.hour == null ? null : (row.hour + 1) * HOUR_MS;
  }

  /**
   * From now on the logs of the jobs before count as removed, but for those of jobs that have not ended, and those that
   * are to be archived and were not.
   *
   * @returns false: they did already; null: another server is at it
   */
  raiseLogFloor(organizationId: OrganizationId, floorMs: number): Promise<boolean | null> {
    const floor = firstIdAt(floorMs);
    return exclusively(this.database, async (tx) => {
      if ((await tx.query(RAISE, [organizationId, floor])).length === 0) return false;
      await tx.query(RETAIN, [organizationId, floor, this.archive !== null]);
      await tx.query(FORGET_USAGE, [organizationId, hourOf(floorMs)]);
      await tx.query(NOTE_DAY, [organizationId, floor]);
      return true;
    });
  }
}
