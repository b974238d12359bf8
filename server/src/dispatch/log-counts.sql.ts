import type { JobFinished } from '@dibs/shared';
import type { Queryable, Statement } from '../database/database.js';

/**
 * What the runner counted of the log, kept for the receipt, in the statement that ends the attempt: no commit of its own,
 * and no result without it. Most logs fit into one row of some hundred bytes.
 *
 * @param judged rows with `job_id`, `attempt` and `log_counts` (null: the runner did not say), and a WHERE
 */
export function logCountsOf(judged: string): string {
  return /* sql */ `, log_counts AS (
      INSERT INTO log_receipts (job_id, attempt, counted)
      SELECT d.job_id, d.attempt, d.log_counts::jsonb FROM ${judged} AND d.log_counts IS NOT NULL
      ON CONFLICT (job_id, attempt) DO NOTHING
    )`;
}

const KEEP: Statement = {
  name: 'dispatch.log-counts.keep',
  text: /* sql */ `
    INSERT INTO log_receipts (job_id, attempt, counted) VALUES ($1, $2, $3::jsonb)
    ON CONFLICT (job_id, attempt) DO NOTHING`,
};

/** For results that end the attempt in a transaction, which has locked it. */
export async function keepLogCounts(tx: Queryable, { jobId, attempt, log }: JobFinished): Promise<void> {
  if (log !== undefined) await tx.query(KEEP, [jobId, attempt, JSON.stringify(log)]);
}
