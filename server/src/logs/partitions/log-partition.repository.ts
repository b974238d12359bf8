import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import { firstIdAt, timeOfId } from '../../domain/logs/id-time.js';
import { missingSpans, nameOfPartition, type PartitionSpan } from '../../domain/logs/log-partitions.js';

export interface LogPartition extends PartitionSpan {
  readonly name: string;
}

/** One server at a time; the others find it done. Held to the end of the transaction. */
const LOCK: Statement = {
  name: 'log-partitions.lock',
  text: `SELECT pg_try_advisory_xact_lock(hashtextextended('dibs.log-partitions', 0)) AS locked`,
};

/** Who appends or reads waits behind whoever waits for a table's lock: so long at most. */
const LOCK_TIMEOUT_MS = 200;
const WAIT_SHORTLY: Statement = { name: '', text: `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}` };

const LIST: Statement = {
  name: 'log-partitions.list',
  text: /* sql */ `
    SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'log_chunks'::regclass`,
};

const IS_TAKEN: Statement = {
  name: 'log-partitions.is-taken',
  text: 'SELECT EXISTS (SELECT FROM log_chunks_default WHERE job_id >= $1 AND job_id < $2) AS is_taken',
};

const DETACHED: Statement = {
  name: 'log-partitions.detached',
  text: /* sql */ `
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'log_chunks'::regclass) AND relkind = 'r' AND NOT relispartition
      AND relname ~ '^log_chunks_(first|[0-9]{8})$'`,
};

const BOUND = /FROM \((?:MINVALUE|'([0-9a-f-]{36})')\) TO \('([0-9a-f-]{36})'\)/;

@Injectable()
export class LogPartitionRepository {
  constructor(private readonly database: Database) {}

  /** In order of time, without the one for the rest. */
  list(): Promise<LogPartition[]> {
    return listed(this.database);
  }

  /**
   * Makes the next one that is missing. It is a table of its own before it becomes a partition, because that waits for
   * nobody who appends; `CREATE TABLE … PARTITION OF` would.
   *
   * @param fromMs makes none that begins earlier
   * @returns `isMade` false: logs of that span are in the partition for the rest, and the span is left to it.
   *   null: none is missing, or another server is making it
   * @throws what PostgreSQL says when a lock was not to be had
   */
  makeNext(fromMs: number, nowMs: number, days: number): Promise<(LogPartition & { isMade: boolean }) | null> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ locked: boolean }>(LOCK);
      if (!row?.locked) return null;
      const lastEndMs = (await listed(tx)).at(-1)?.toMs ?? 0;
      const [span] = missingSpans(Math.max(fromMs, lastEndMs), nowMs, days);
      if (!span) return null;
      const name = nameOfPartition(span);
      const [from, to] = [firstIdAt(span.fromMs), firstIdAt(span.toMs)];
      const [found] = await tx.query<{ is_taken: boolean }>(IS_TAKEN, [from, to]);
      if (found?.is_taken) return { name, ...span, isMade: false };
      await tx.query(WAIT_SHORTLY);
      await tx.query(ddl(`CREATE TABLE ${name} (LIKE log_chunks INCLUDING ALL)`));
      await tx.query(ddl(`ALTER TABLE log_chunks ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`));
      return { name, ...span, isMade: true };
    });
  }

  /**
   * Takes one out. Its table is dropped apart from that, because deleting gigabytes of files takes a moment in which
   * nobody should wait.
   *
   * @returns false: another server has done it, or is at it
   * @throws what PostgreSQL says when a lock was not to be had
   */
  detach(name: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const [row] = await tx.query<{ locked: boolean }>(LOCK);
      if (!row?.locked || (await listed(tx)).every((partition) => partition.name !== name)) return false;
      await tx.query(WAIT_SHORTLY);
      await tx.query(ddl(`ALTER TABLE log_chunks DETACH PARTITION ${name}`));
      return true;
    });
  }

  /** Drops what was detached, by whoever did not come to it. */
  async dropDetached(): Promise<void> {
    const tables = await this.database.query<{ name: string }>(DETACHED);
    for (const { name } of tables) await this.database.query(ddl(`DROP TABLE IF EXISTS ${name}`));
  }
}

async function listed(from: Queryable): Promise<LogPartition[]> {
  const rows = await from.query<{ name: string; bound: string }>(LIST);
  const partitions = rows.flatMap(({ name, bound }) => {
    const [, first, end] = BOUND.exec(bound) ?? [];
    return end === undefined ? [] : [{ name, fromMs: first === undefined ? 0 : timeOfId(first), toMs: timeOfId(end) }];
  });
  return partitions.sort((a, b) => a.fromMs - b.fromMs);
}

function ddl(text: string): Statement {
  return { name: '', text };
}
