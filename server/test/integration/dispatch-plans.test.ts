import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { JobId, OrganizationId } from '@dibs/shared';
import type { Database, Statement } from '../../src/database/database.js';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { ClaimRepository } from '../../src/dispatch/claim.repository.js';
import { GrantRepository } from '../../src/dispatch/grant.repository.js';
import { LeaseRepository } from '../../src/dispatch/lease.repository.js';
import { ResultRepository } from '../../src/dispatch/result.repository.js';
import { INSERT_JOBS, INSERT_KEYED_JOBS } from '../../src/jobs/insert-jobs.sql.js';
import { RecentSpecs } from '../../src/jobs/spec/recent-specs.js';
import { connect, makeTenant } from '../support/job-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Enough that a walk through the queue would look cheaper than some look-ups, were it not for these settings. */
const QUEUED = 5_000;
/** As many as come back within seconds after a deployment. */
const INSTANCES = 5_000;

let database: TestDatabase;
let admin: pg.Client;
let organizationId: OrganizationId;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await connect(database.url);
  ({ organizationId } = await makeTenant(admin));
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const who = { jobId: randomUUID() as JobId, claimToken: 'token', instanceId: randomUUID() as never };

/** The statements of a repository, as it would send them. */
async function sentBy(work: (database: Database) => Promise<unknown>): Promise<Statement[]> {
  const sent: Statement[] = [];
  const query = (statement: Statement): Promise<unknown[]> => {
    sent.push(statement);
    return Promise.resolve([]);
  };
  await work({ query } as unknown as Database);
  return sent;
}

const request = { ...who, sessionId: randomUUID() as never, claimId: null, start: true as const };

const granted = (): Promise<Statement[]> =>
  sentBy((fake) => {
    const specs = new RecentSpecs();
    return new GrantRepository(fake, new ClaimRepository(fake, specs), specs).grant(
      [{ ...request, organizationId }],
      1_000,
    );
  });

const claimed = (): Promise<Statement[]> =>
  sentBy((fake) =>
    new ClaimRepository(fake, new RecentSpecs()).claim([{ ...request, organizationId } as never], 1_000),
  );

const repeated = (): Promise<Statement[]> =>
  sentBy((fake) =>
    new ClaimRepository(fake, new RecentSpecs()).repeat([{ ...request, organizationId } as never], 1_000),
  );

const renewed = (): Promise<Statement[]> =>
  sentBy((fake) => new LeaseRepository(fake).renew([{ ...request, draining: false, held: [] }], 1_000, 1));

const ended = (): Promise<Statement[]> =>
  sentBy((fake) => {
    const result = { ...who, attempt: 1, outcome: 'succeeded', reason: 'completed', exitCode: 0, lastSeq: 0 } as const;
    return new ResultRepository(fake).succeed([{ ...result, atMs: 0 }]);
  });

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Node[];
}

/** How a server's connection, opened now, would find rows: the plan is made once, whatever is in the table later. */
async function waysTo(table: string, statement: Statement): Promise<string[]> {
  const { extra } = dataSourceOptions(database.url, 1, () => undefined) as { extra: { options: string } };
  const client = new pg.Client({ connectionString: database.url, options: extra.options });
  await client.connect();
  try {
    await client.query(`PREPARE it AS ${statement.text}`);
    const count = Math.max(...[...statement.text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (FORMAT JSON) EXECUTE it (${Array(count).fill('NULL').join(', ')})`,
    );
    return nodesOf(rows[0]!['QUERY PLAN'][0].Plan)
      .filter((node) => node['Relation Name'] === table && node['Node Type'] !== 'ModifyTable')
      .map((node) => (node['Node Type'] === 'Bitmap Heap Scan' ? node.Plans![0]! : node))
      .map((node) => `${node['Node Type']} ${node['Index Name']} ${node['Index Cond']}`);
  } finally {
    await client.end();
  }
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

describe.each([
  ['an empty table', () => Promise.resolve()],
  [
    'a full queue that nobody has analyzed',
    () =>
      admin.query(
        `INSERT INTO jobs (id, organization_id, state, lane, rank, priority, step_count, queue_expires_at)
         SELECT gen_random_uuid(), $1, 'queued', 'lane', n, 0, 0, clock_timestamp() FROM generate_series(1, $2::int) n`,
        [organizationId, QUEUED],
      ),
  ],
  ['a queue that was analyzed', () => admin.query('ANALYZE jobs')],
])('a plan made for %s', (_, prepare) => {
  beforeAll(async () => void (await prepare()));

  test.each([
    ['grants', granted],
    ['results', ended],
  ])('of %s looks each job up by its id', async (_name, statements) => {
    const [first] = await statements();
    const ways = await waysTo('jobs', first!);
    expect(ways).not.toEqual([]);
    for (const way of ways) expect(way).toMatch(/^Index Scan jobs_pkey \(id = .*job_id\)$/);
  });
});

describe.each([
  ['no instance', () => Promise.resolve()],
  [
    'one instance, and analyzed',
    async () => {
      await connectInstances(1);
      await admin.query('ANALYZE runners, runner_instances');
    },
  ],
  ['thousands of instances that nobody has analyzed', () => connectInstances(INSTANCES)],
  ['thousands of instances, and analyzed', () => admin.query('ANALYZE runners, runner_instances')],
])('a plan made for %s', (_, prepare) => {
  beforeAll(async () => void (await prepare()));

  test.each([
    ['a submit', () => Promise.resolve([INSERT_JOBS])],
    ['a submit with an idempotency key', () => Promise.resolve([INSERT_KEYED_JOBS])],
    ['grants', granted],
    ['claims', claimed],
    ['repeated claims', repeated],
    ['renewals', renewed],
  ])('of %s looks each instance up by its id', async (_name, statements) => {
    const [first] = await statements();
    const ways = await waysTo('runner_instances', first!);
    expect(ways).not.toEqual([]);
    for (const way of ways) expect(way).toMatch(/^(?:Bitmap )?Index Scan runner_instances_\w+ \(.*\bid = /);
  });
});

async function connectInstances(count: number): Promise<void> {
  const [principalId, runnerId] = [randomUUID(), randomUUID()];
  await admin.query(`INSERT INTO service_principals (id, organization_id, name, client_id) VALUES ($1, $2, $3, $3)`, [
    principalId,
    organizationId,
    `fleet of ${count}`,
  ]);
  await admin.query(`INSERT INTO runners (id, organization_id, name, service_principal_id) VALUES ($1, $2, $3, $4)`, [
    runnerId,
    organizationId,
    `fleet of ${count}`,
    principalId,
  ]);
  await admin.query(
    `INSERT INTO runner_instances (id, organization_id, runner_id, name, boot_id, session_id, host_name, version, slots, tools,
       labels)
     SELECT gen_random_uuid(), $1, $2, 'pod-' || n, gen_random_uuid(), gen_random_uuid(), 'host', '1', 1, '[]', '{}'
     FROM generate_series(1, $3::int) n`,
    [organizationId, runnerId, count],
  );
}
