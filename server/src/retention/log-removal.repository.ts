import { Inject, Injectable } from '@nestjs/common';
import { isTerminal, type JobId, type JobState, type OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { firstIdAt } from '../domain/logs/id-time.js';
import type { PartitionSpan } from '../domain/logs/log-partitions.js';
import { LOG_ARCHIVE } from '../log-archive/log-archive.token.js';
import type { ObjectStore } from '../log-archive/store/object-store.js';
import { chunksOf } from './chunks-of.js';
import { exclusively } from './exclusively.js';
import type { RetentionStanding } from './retention.repository.js';

/** Jobs in one transaction. */
const JOBS_AT_ONCE = 200;

/** One index lookup for each organization. Who wants nothing of it has no jobs there, or has let their logs go. */
const IS_WANTED: Statement = {
  name: 'retention.is-wanted',
  text: /* sql */ `
    SELECT EXISTS (SELECT FROM retained_logs WHERE job_id >= $1 AND job_id < $2) OR EXISTS (
      SELECT FROM organizations o LEFT JOIN retention r ON r.organization_id = o.id
      WHERE EXISTS (
        SELECT FROM job_submissions s
        WHERE s.organization_id = o.id AND s.id >= GREATEST($1::uuid, r.log_floor) AND s.id < $2)
    ) AS wanted`,
};

const NEXT_JOBS: Statement = {
  name: 'retention.next-jobs',
  text: /* sql */ `
    SELECT s.id, j.state FROM job_submissions s JOIN jobs j ON j.id = s.id
    WHERE s.organization_id = $1 AND s.id > $2 AND s.id < $3 ORDER BY s.id LIMIT ${JOBS_AT_ONCE}`,
};

const MOVE_ON: Statement = {
  name: 'retention.move-on',
  text: 'UPDATE retention SET log_removed = $2 WHERE organization_id = $1',
};

/** After a partition was dropped: nobody need go through its jobs. */
const PASS_OVER: Statement = {
  name: 'retention.pass-over',
  text: /* sql */ `
    UPDATE retention SET log_removed = $2 WHERE log_removed >= $1 AND log_removed < $2 AND log_floor >= $2`,
};

const RETAINED_NO_MORE: Statement = {
  name: 'retention.retained-no-more',
  text: /* sql */ `
    SELECT l.job_id AS id, j.state FROM retained_logs l LEFT JOIN jobs j ON j.id = l.job_id
    WHERE l.organization_id = $1
      AND (j.id IS NULL OR j.finished_at < $2)
      AND NOT ($3 AND EXISTS (SELECT FROM log_archive_queue q WHERE q.job_id = l.job_id))
    ORDER BY l.job_id LIMIT ${JOBS_AT_ONCE}`,
};

const RETAIN_NO_MORE: Statement = {
  name: 'retention.retain-no-more',
  text: 'DELETE FROM retained_logs WHERE job_id = ANY($1)',
};

interface JobRow {
  readonly id: JobId;
  readonly state: JobState | null;
}

@Injectable()
export class LogRemovalRepository {
  constructor(
    private readonly database: Database,
    @Inject(LOG_ARCHIVE) private readonly archive: ObjectStore | null,
  ) {}

  async isWanted({ fromMs, toMs }: PartitionSpan): Promise<boolean> {
    const [row] = await this.database.query<{ wanted: boolean }>(IS_WANTED, [firstIdAt(fromMs), firstIdAt(toMs)]);
    return row!.wanted;
  }

  async passOver({ fromMs, toMs }: PartitionSpan): Promise<void> {
    await this.database.query(PASS_OVER, [firstIdAt(fromMs), firstIdAt(toMs)]);
  }

  /**
   * Deletes the logs of the next jobs below the floor, and remembers how far it came.
   *
   * @returns null: another server is at it
   */
  removeNext({ organizationId, logFloor }: RetentionStanding): Promise<{ chunks: number; isLast: boolean } | null> {
    return exclusively(this.database, async (tx) => {
      const [at] = await tx.query<{ from: string }>(REMOVED_TO, [organizationId]);
      const jobs = await tx.query<JobRow>(NEXT_JOBS, [organizationId, at!.from, logFloor]);
      const retained = await tx.query<{ id: JobId }>(RETAINED, [jobs.map(({ id }) => id)]);
      const kept = new Set(retained.map(({ id }) => id));
      const ended = jobs.filter(({ id, state }) => !kept.has(id) && state !== null && isTerminal(state));
      const chunks = await chunksOf(ended.map(({ id }) => id)).deleteIn(tx);
      const isLast = jobs.length < JOBS_AT_ONCE;
      await tx.query(MOVE_ON, [organizationId, isLast ? logFloor : jobs.at(-1)!.id]);
      return { chunks, isLast };
    });
  }

  /** The same for jobs that had not ended, or were not archived, when the floor passed them. */
  removeRetained(
    organizationId: OrganizationId,
    endedBefore: Date,
  ): Promise<{ chunks: number; isLast: boolean } | null> {
    return exclusively(this.database, async (tx) => {
      const jobs = await tx.query<JobRow>(RETAINED_NO_MORE, [organizationId, endedBefore, this.archive !== null]);
      const ids = jobs.filter(({ state }) => state === null || isTerminal(state)).map(({ id }) => id);
      const chunks = await chunksOf(ids).deleteIn(tx);
      await tx.query(RETAIN_NO_MORE, [ids]);
      return { chunks, isLast: jobs.length < JOBS_AT_ONCE };
    });
  }
}

const REMOVED_TO: Statement = {
  name: 'retention.removed-to',
  text: 'SELECT log_removed AS "from" FROM retention WHERE organization_id = $1',
};

const RETAINED: Statement = {
  name: 'retention.retained',
  text: 'SELECT job_id AS id FROM retained_logs WHERE job_id = ANY($1)',
};
