import type { JobId } from '@dibs/shared';
import type { Queryable } from '../database/database.js';
import { UUID } from '../platform/page.js';

/** The log chunks of some jobs, in whatever partitions they are. */
export function chunksOf(jobIds: readonly JobId[]): { deleteIn(tx: Queryable): Promise<number> } {
  const ids = jobIds.filter((id) => UUID.test(id)).sort();
  return {
    deleteIn: async (tx) => {
      if (ids.length === 0) return 0;
      // constants, by which PostgreSQL finds the partitions while it plans: see week-statement.ts
      const span = `job_id BETWEEN '${ids[0]}' AND '${ids.at(-1)}'`;
      const text = /* sql */ `
        WITH gone AS (DELETE FROM log_chunks WHERE job_id = ANY($1) AND ${span} RETURNING 1)
        SELECT count(*)::integer AS chunks FROM gone`;
      const [row] = await tx.query<{ chunks: number }>({ name: '', text }, [ids]);
      return row!.chunks;
    },
  };
}
