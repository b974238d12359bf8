import type { Database, Queryable, Statement } from '../database/database.js';

const LOCK: Statement = {
  name: 'retention.lock',
  text: `SELECT pg_try_advisory_xact_lock(hashtextextended('dibs.retention', 0)) AS locked`,
};

/** A bounded piece of removal in one transaction, by one server at a time. @returns null: another one is at it */
export function exclusively<T>(database: Database, work: (tx: Queryable) => Promise<T>): Promise<T | null> {
  return database.transaction(async (tx) => {
    const [row] = await tx.query<{ locked: boolean }>(LOCK);
    return row?.locked ? await work(tx) : null;
  });
}
