import type { JobSummary, SubmitJobBody } from '@dibs/shared';
import { NOOP_JOB } from './noop-jobs.js';
import type { TestBed } from './test-bed.js';

const LANES = 10;

/** Demands that no instance of a benchmark meets. */
export function lanesForNobody(): SubmitJobBody[] {
  return lanes((lane) => ({ requires: { labels: { nowhere: `lane-${lane}` } } }));
}

/** Different demands, each of which every instance of a benchmark meets. */
export function lanesForAnybody(): SubmitJobBody[] {
  return lanes((lane) => (lane === 0 ? {} : { requires: { prefers: { nowhere: `lane-${lane}` } } }));
}

function lanes(demand: (lane: number) => Partial<SubmitJobBody>): SubmitJobBody[] {
  return Array.from({ length: LANES }, (_, lane) => ({ ...NOOP_JOB, ...demand(lane) }));
}

/**
 * Queues `count` jobs, spread over the lanes of `bodies`: one of each is submitted, the others are copies of its rows,
 * because the API would take minutes for a million. Nothing may run meanwhile.
 */
export async function fillQueue(bed: TestBed, bodies: readonly SubmitJobBody[], count: number): Promise<void> {
  if (count === 0) return;
  const { items } = await bed.api.call<{ items: JobSummary[] }>('POST', '/api/v1/jobs/bulk', { jobs: bodies });
  for (const table of ['job_submissions', 'jobs']) {
    // whatever columns the table has by now; those that PostgreSQL computes cannot be copied
    const { rows } = await bed.database.query<{ name: string }>(
      `SELECT quote_ident(column_name) AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND column_name <> 'id'`,
      [table],
    );
    const columns = rows.map(({ name }) => name);
    await bed.database.query(
      `INSERT INTO ${table} (id, ${columns.join(', ')})
       SELECT ${ID_BY_AGE}, ${columns.map((name) => `t.${name}`).join(', ')}
       FROM generate_series(1, $2::integer) AS n
       JOIN unnest($1::uuid[]) WITH ORDINALITY AS template (id, lane) ON template.lane = 1 + n % cardinality($1::uuid[])
       JOIN ${table} t ON t.id = template.id
       JOIN job_submissions s ON s.id = template.id`,
      [items.map(({ id }) => id), Math.max(0, count - bodies.length)],
    );
  }
  // what autovacuum would have done by the time a queue has grown so long
  await bed.database.query('VACUUM (ANALYZE) jobs, job_submissions');
}

/** A UUIDv7 of some millisecond of today: younger than the template, ascending as real ones are. */
const ID_BY_AGE = /* sql */ `(
  lpad(to_hex((extract(epoch FROM s.created_at) * 1000)::bigint + n / 1000), 12, '0') || '7' ||
  lpad(to_hex(n % 1000), 3, '0') || 'a' || substr(md5(n::text), 1, 15))::uuid`;
