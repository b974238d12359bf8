import type { JobFinished } from '@dibs/shared';
import { textArray } from '../database/array-literals.js';
import type { Queryable, Statement } from '../database/database.js';

type Told = Pick<JobFinished, 'commit' | 'engine'>;

/** Most jobs have neither, and then no statement knows of engines. */
export function tellsOfEngine({ commit, engine }: Told): boolean {
  return commit !== undefined || engine !== undefined;
}

/**
 * In the statement that ends the attempts: no result without what the engine found out, and the other way round. Reads rows
 * `judged` with `n`, `job_id`, `attempt` and `verdict`; `$11`, `$12` as `engineResultValues` gives them.
 */
export const ENGINE_RESULTS = /* sql */ `, engine_told AS (
      INSERT INTO engine_results (organization_id, job_id, attempt, source_commit, engine)
      SELECT j.organization_id, d.job_id, d.attempt, e.source_commit, e.engine
      FROM judged d JOIN jobs j ON j.id = d.job_id,
        LATERAL (SELECT ($11::text[])[d.n::integer], ($12::text[])[d.n::integer]::json) AS e (source_commit, engine)
      WHERE d.verdict = 'ended' AND (e.source_commit IS NOT NULL OR e.engine IS NOT NULL)
      ON CONFLICT (job_id, attempt) DO NOTHING
    )`;

export function engineResultValues(results: readonly Told[]): string[] {
  return [
    textArray(results, ({ commit }) => commit ?? null),
    textArray(results, ({ engine }) => (engine === undefined ? null : JSON.stringify(engine))),
  ];
}

const KEEP: Statement = {
  name: 'dispatch.engine-results.keep',
  text: /* sql */ `
    INSERT INTO engine_results (organization_id, job_id, attempt, source_commit, engine)
    SELECT organization_id, id, $2, $3, $4::json FROM jobs WHERE id = $1
    ON CONFLICT (job_id, attempt) DO NOTHING`,
};

/** For results that end the attempt in a transaction, which has locked it. */
export async function keepEngineResult(tx: Queryable, message: JobFinished): Promise<void> {
  if (!tellsOfEngine(message)) return;
  const { jobId, attempt, commit, engine } = message;
  await tx.query(KEEP, [jobId, attempt, commit ?? null, engine === undefined ? null : JSON.stringify(engine)]);
}
