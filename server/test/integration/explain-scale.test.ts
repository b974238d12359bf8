import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { JobExplanation, JobSummary, OrganizationId, RunnerCreated } from '@dibs/shared';
import type { Statement } from '../../src/database/database.js';
import * as sql from '../../src/explain/explain.sql.js';
import { LaneWarnerService } from '../../src/explain/lane-warner.service.js';
import { connect, defaultOrganization } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

/** Enough that a statement which reads the lane from end to end shows at once. */
const QUEUED = 100_000;
const INSTANCES = 5_000;
/** Pages of 8 KiB: a thousand and one entries of the index, and the way to them. */
const FEW_PAGES = 600;

let server: TestServer;
let client: pg.Client;
let organizationId: OrganizationId;
let last: JobSummary;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  client = await connect(server.databaseUrl);
  organizationId = await defaultOrganization(client);
  last = (await server.request<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true' }], priority: -1000 })).body;
  await client.query(
    `WITH many AS (
       INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at)
       SELECT gen_random_uuid(), organization_id, 'queued', lane, n, 0, step_count, queue_expires_at
       FROM jobs, generate_series(1, $2::int) n WHERE id = $1
       RETURNING id
     )
     INSERT INTO job_submissions (id, organization_id, name, spec, on_lost, max_attempts, submitted_by, created_at)
     SELECT many.id, organization_id, 'queued', spec, on_lost, max_attempts, 'test', created_at
     FROM many, job_submissions s WHERE s.id = $1`,
    [last.id, QUEUED],
  );
  const { body } = await server.request<RunnerCreated>('POST', '/api/v1/runners', { name: 'pool' });
  await client.query(
    `INSERT INTO runner_instances (id, organization_id, runner_id, name, boot_id, session_id, host_name, version, slots,
       tools, labels, connected_at, last_seen_at)
     SELECT gen_random_uuid(), $1, $2, 'pool-' || n, gen_random_uuid(), gen_random_uuid(), 'host', '0.1.0', 2,
       '[{"name":"git","version":"2.47.0"}]', '{"zone":"eu"}', clock_timestamp(), clock_timestamp()
     FROM generate_series(1, $3::int) n`,
    [organizationId, body.id, INSTANCES],
  );
  await client.query('ANALYZE');
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

async function explainAnalyze({ text }: Statement, values: unknown[]): Promise<{ pages: number; scans: string[] }> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan & Record<string, number> }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
    values,
  );
  const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
  const all = (node: Plan): Plan[] => [node, ...(node.Plans ?? []).flatMap(all)];
  const scans = all(plan).flatMap((node) => (node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []));
  return { pages: plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!, scans };
}

describe(`with ${QUEUED} queued jobs and ${INSTANCES} instances`, () => {
  test.each<[string, Statement, () => unknown[]]>([
    ['a job', sql.FIND, () => [organizationId, last.id]],
    ['a what-if', sql.AHEAD_OF_NEW, () => [laneOf(), 0]],
    ['a group', sql.GROUP, () => [organizationId, 'nobody', null]],
  ])('%s is explained from a few pages', async (_what, statement, values) => {
    await readLane();
    const { pages, scans } = await explainAnalyze(statement, values());
    expect(scans).not.toContain('jobs');
    expect(pages).toBeLessThan(FEW_PAGES);
  });

  test('an answer stays small: counts stop, and so do lists', async () => {
    const { status, body } = await server.request<JobExplanation>('GET', `/api/v1/jobs/${last.id}/explain`);
    expect(status).toBe(200);
    expect(body.queue).toEqual({ count: 1_000, more: true });
    expect([body.runners.length, body.notListed, body.canTakeNow]).toEqual([200, INSTANCES - 200, INSTANCES]);
    expect(JSON.stringify(body).length).toBeLessThan(100_000);
  });

  test('a lane that nobody serves is raised with one row, and no job is written', async () => {
    await client.query(`UPDATE runners SET disabled_at = clock_timestamp()`);
    const versions = async (): Promise<unknown> =>
      (await client.query(`SELECT count(*) FROM jobs WHERE xmin::text::bigint > $1`, [before])).rows[0];
    const { rows } = await client.query<{ xid: string }>('SELECT txid_current() AS xid');
    const before = rows[0]!.xid;
    await server.app.get(LaneWarnerService).check();
    expect(await versions()).toEqual({ count: 0 });
    expect((await client.query('SELECT lane FROM lane_warnings')).rowCount).toBe(1);
    const { body } = await server.request<JobSummary>('GET', `/api/v1/jobs/${last.id}`);
    expect(body.reason).toBe('no_matching_runner');
  });
});

let lane = '';
const laneOf = (): string => lane;
async function readLane(): Promise<void> {
  const { rows } = await client.query<{ lane: string }>('SELECT lane FROM jobs WHERE id = $1', [last.id]);
  lane = rows[0]!.lane;
}
