import { Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import { firstIdAt } from '../domain/logs/id-time.js';

const LOGS_AT_ONCE = 500;

/** From then on readers are told; the objects are removed by whichever server comes to them. */
const REMOVE_OLD: Statement = {
  name: 'archive-removal.remove-old',
  text: /* sql */ `
    WITH old AS MATERIALIZED (
      SELECT job_id, attempt FROM log_archives
      WHERE organization_id = $1 AND job_id < $2 AND removed_on IS NULL
      ORDER BY job_id LIMIT ${LOGS_AT_ONCE} FOR UPDATE),
    gone AS (
      UPDATE log_archives a SET removed_on = (clock_timestamp() AT TIME ZONE 'UTC')::date
      FROM old WHERE a.job_id = old.job_id AND a.attempt = old.attempt
      RETURNING a.object_name),
    noted AS (INSERT INTO log_archive_removals (object_name) SELECT object_name FROM gone)
    SELECT count(*)::integer AS logs FROM gone`,
};

const CLAIM: Statement = {
  name: 'archive-removal.claim',
  text: /* sql */ `
    WITH due AS MATERIALIZED (
      SELECT object_name FROM log_archive_removals WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT $1
      FOR UPDATE SKIP LOCKED)
    UPDATE log_archive_removals r SET is_begun = true, due_at = clock_timestamp() + interval '15 minutes' FROM due
    WHERE r.object_name = due.object_name
    RETURNING r.object_name AS name`,
};

const DONE: Statement = {
  name: 'archive-removal.done',
  text: 'DELETE FROM log_archive_removals WHERE object_name = ANY($1)',
};

@Injectable()
export class ArchiveRemovalRepository {
  constructor(private readonly database: Database) {}

  /** The next archived logs of jobs that were submitted before. @returns how many; fewer than asked for: the last ones */
  async removeNext(
    organizationId: OrganizationId,
    submittedBeforeMs: number,
  ): Promise<{ logs: number; isLast: boolean }> {
    const before = firstIdAt(submittedBeforeMs);
    const [row] = await this.database.query<{ logs: number }>(REMOVE_OLD, [organizationId, before]);
    return { logs: row!.logs, isLast: row!.logs < LOGS_AT_ONCE };
  }

  /** Names of objects to be removed, which are this server's for some minutes. */
  async claim(most: number): Promise<string[]> {
    return (await this.database.query<{ name: string }>(CLAIM, [most])).map(({ name }) => name);
  }

  async done(names: readonly string[]): Promise<void> {
    await this.database.query(DONE, [names]);
  }
}
