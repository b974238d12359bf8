import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type {
  FailedJob,
  FirstError,
  JobId,
  JobSummary,
  LogsSearchPage,
  Page,
  Problem,
  SubmitJobBody,
  WireLogLine,
} from '@dibs/shared';
import { SearchAcrossJobs } from '../../src/log-search/search-across-jobs.js';
import { EventBus } from '../../src/events/event-bus.js';
import { claimBySql, connect, endBySql, eventually, makeTenant, type Tenant } from '../support/job-fixtures.js';
import { deviations, type OpenApiDocument } from '../support/described-answers.js';
import { logTools, type LogTools } from '../support/log-tools.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let tenant: Tenant;
let print: LogTools['print'];

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  tenant = await makeTenant(client, 'viewer');
  ({ print } = logTools(server));
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

const MODULE = '019a0f2e-7c1b-7def-8a11-0123456789ab';

type State = 'succeeded' | 'failed' | 'running';

/** A job that printed these lines in its first attempt. */
async function ran(
  name: string,
  state: State,
  lines: readonly string[],
  body: Partial<SubmitJobBody> = {},
): Promise<JobId> {
  const { body: job } = await server.request<JobSummary>('POST', '/api/v1/jobs', {
    name,
    steps: [{ name: 'build', run: 'true' }],
    ...body,
  });
  const held = await claimBySql(client, job.id);
  if (lines.length > 0)
    await print(
      held,
      1,
      lines.map((text): WireLogLine => [1_763_600_000_000, 0, 'o', text]),
    );
  if (state === 'running') return job.id;
  if (state === 'failed') {
    await client.query(
      `INSERT INTO job_steps (job_id, attempt, step, organization_id, state, exit_code) VALUES ($1, 1, 0, $2, 'failed', 1)`,
      [job.id, held.organizationId],
    );
  }
  await endBySql(client, held, state);
  const { organizationId, jobId } = held;
  const ended = { organizationId, jobId, state, reason: null, concurrencyKey: null, parentId: null };
  server.app.get(EventBus, { strict: false }).publish('job.ended', ended);
  return job.id;
}

async function isSigned(id: JobId): Promise<void> {
  const look = async () => (await client.query('SELECT 1 FROM log_signatures WHERE job_id = $1', [id])).rowCount ?? 0;
  await eventually(look, (rows) => rows > 0);
}

const search = <Body = LogsSearchPage>(query: string, token?: string) =>
  server.request<Body>('GET', `/api/v1/logs/search?${query}`, undefined, token === undefined ? {} : { token });
const foundIds = async (query: string): Promise<JobId[]> => (await search(query)).body.items.map(({ job }) => job.id);

describe('searching all logs', () => {
  let old: JobId;
  let failed: JobId;
  let running: JobId;

  beforeAll(async () => {
    const needle = '\u001b[31mnee\u001b[1mdle\u001b[0m in a HAYSTACK';
    old = await ran('nightly build', 'succeeded', ['hay', needle, 'more hay']);
    const hay = Array.from({ length: 30 }, (_, index) => `hay ${index}`);
    failed = await ran('deploy', 'failed', [...hay.slice(0, 10), needle, needle, ...hay, needle]);
    await isSigned(old);
    await isSigned(failed);
    running = await ran('deploy', 'running', ['starting', needle]);
    await client.query(`UPDATE jobs SET state = 'running' WHERE id = $1`, [running]);
    await client.query('UPDATE job_submissions SET module_id = $2 WHERE id = $1', [failed, MODULE]);
  });

  test('finds lines wherever they are, the newest jobs first', async () => {
    const { status, body } = await search('q=needle%20in%20a%20haystack&lines=2');
    expect(status).toBe(200);
    expect(body).toMatchObject({ nextCursor: null, searchedBackTo: null });
    const shown = body.items.map(({ job, lines, mayHaveMore }) => [
      job.id,
      lines.map(({ line }) => line.seq),
      mayHaveMore,
    ]);
    expect(shown).toEqual([
      [running, [2], false],
      [failed, [11, 12], true],
      [old, [2], false],
    ]);
    expect(body.items[1]?.job).toMatchObject({ name: 'deploy', state: 'failed', runner: 'pool' });
    expect(body.items[1]?.lines[0]).toMatchObject({ attempt: 1, stepName: 'build', line: { seq: 11, step: 0 } });
  });

  test('signed logs are read only where the text may be', async () => {
    // who reads them although their signatures say no would find it
    await client.query(`UPDATE log_chunks SET lines = replace(lines, 'more hay', 'smuggled in') WHERE job_id = $1`, [
      old,
    ]);
    expect(await foundIds('q=smuggled')).toEqual([]);
    await client.query('DELETE FROM log_signatures WHERE job_id = $1', [old]);
    expect(await foundIds('q=smuggled')).toEqual([old]);
  });

  test.each([
    ['state=failed', () => [failed]],
    ['state=succeeded,running', () => [running, old]],
    ['state=claimed', () => []],
    ['runner=pool', () => [running, failed, old]],
    ['runner=nobody', () => []],
    ['job=DEPLOY', () => [running, failed]],
    ['job=deploy&state=failed', () => [failed]],
    [`scope=${MODULE}`, () => [failed]],
    ['scope=019a0f2e-7c1b-7def-8a11-ffffffffffff', () => []],
    ['from=2000-01-01T00:00:00Z', () => [running, failed, old]],
    ['to=2000-01-01T00:00:00Z', () => []],
    ['caseSensitive=true', () => []],
  ])('?%s', async (filter, expected) => {
    expect(await foundIds(`q=Needle&${filter}`)).toEqual(expected());
  });

  test('goes on page by page', async () => {
    const first = (await search('q=needle&limit=1')).body;
    expect([first.items.map(({ job }) => job.id), first.searchedBackTo !== null]).toEqual([[running], true]);
    const second = (await search(`q=needle&limit=2&cursor=${first.nextCursor}`)).body;
    expect(second.items.map(({ job }) => job.id)).toEqual([failed, old]);
  });

  test('tells how far it came when the time is over, and goes on there', async () => {
    const searcher = server.app.get<SearchAcrossJobs, { timeBudgetMs: number }>(SearchAcrossJobs, { strict: false });
    const usual = searcher.timeBudgetMs;
    searcher.timeBudgetMs = 0;
    try {
      const ids: JobId[] = [];
      let cursor: string | null = '';
      let pages = 0;
      for (; cursor !== null; pages += 1) {
        const { body }: { body: LogsSearchPage } = await search(`q=ne${cursor && `&cursor=${cursor}`}`);
        ids.push(...body.items.map(({ job }) => job.id));
        cursor = body.nextCursor;
        expect(pages).toBeLessThan(20);
      }
      expect(ids).toEqual([running, failed, old]);
      expect(pages).toBeGreaterThan(2);
    } finally {
      searcher.timeBudgetMs = usual;
    }
  });

  test('earlier attempts are searched too', async () => {
    const { body: job } = await server.request<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true' }] });
    const lost = await claimBySql(client, job.id);
    await print(lost, 1, [[1, 0, 'o', 'only the first attempt said xyzzy']]);
    await endBySql(client, lost, 'queued');
    const again = await claimBySql(client, job.id);
    await print(again, 1, [[1, 0, 'o', 'the second one did not']]);
    const { body } = await search('q=xyzzy');
    expect(body.items.map(({ lines }) => lines.map(({ attempt, line }) => [attempt, line.seq]))).toEqual([[[1, 1]]]);
  });

  test('other organizations find nothing, and their jobs are not found', async () => {
    expect((await search('q=needle', tenant.token)).body).toEqual({
      items: [],
      nextCursor: null,
      searchedBackTo: null,
    });
    expect((await search<Problem>('q=needle', 'nobody')).status).toBe(401);
  });

  test.each([
    ...['', 'q=', 'q=a%0Ab', `q=${'x'.repeat(201)}`, 'q=x&limit=0', 'q=x&limit=51', 'q=x&lines=21', 'q=x&state=broken'],
    ...['q=x&from=yesterday', 'q=x&regex=true', 'q=x&scope=1', 'q=x&runner=', 'q=x&caseSensitive=1'],
  ])('refuses ?%s', async (query) => {
    const { status, body } = await search<Problem>(query);
    expect([status, body.code, body.errors?.length]).toEqual([400, 'validation_failed', 1]);
  });

  test.each([
    ['q=x&cursor=nonsense', 'invalid_cursor'],
    ['q=x&from=2026-11-21T10:00:00Z&to=2026-11-21T10:00:00Z', 'invalid_range'],
  ])('refuses ?%s', async (query, code) => {
    const { status, body } = await search<Problem>(query);
    expect([status, body.code]).toEqual([400, code]);
  });
});

describe('an error that was seen before', () => {
  const firstError = async (id: JobId, token?: string) =>
    server.request<FirstError>(
      'GET',
      `/api/v1/jobs/${id}/first-error`,
      undefined,
      token === undefined ? {} : { token },
    );
  const known = (id: JobId): Promise<FirstError> =>
    eventually(
      async () => (await firstError(id)).body,
      ({ status }) => status !== 'pending',
    );
  const lines = (number: number): string[] => [
    'compiling',
    `error: worker-${number} broke /tmp/x${number}/a.o`,
    'make: *** 1',
  ];

  test('names the others that failed alike, and lists them', async () => {
    const ids = [];
    for (const number of [1, 22, 333]) ids.push(await ran('alike', 'failed', lines(number)));
    await ran('alike', 'succeeded', lines(4));
    const other = await ran('other', 'failed', ['error: something else']);
    for (const id of ids) await known(id);
    const [first, second, third] = ids as [JobId, JobId, JobId];
    const told = await known(second);
    expect(told).toMatchObject({
      status: 'found',
      error: { attempt: 1, seq: 2, step: 0, text: lines(22)[1], pattern: 'error: worker-<n> broke <temp>' },
      others: { jobs: 2, isMore: false },
    });
    expect(told.others?.recent.map(({ id }) => id)).toEqual([third, first]);
    expect(Date.parse(told.others!.lastAt!)).toBeGreaterThanOrEqual(Date.parse(told.others!.firstAt!));
    expect(await known(other)).toMatchObject({ status: 'found', others: { jobs: 0, firstAt: null, recent: [] } });

    const path = `/api/v1/logs/errors/${told.error!.fingerprint}/jobs`;
    const page = (await server.request<Page<FailedJob>>('GET', `${path}?limit=2`)).body;
    expect(page.items.map(({ job, error }) => [job.id, error.text])).toEqual([
      [third, lines(333)[1]],
      [second, lines(22)[1]],
    ]);
    const rest = (await server.request<Page<FailedJob>>('GET', `${path}?cursor=${page.nextCursor}`)).body;
    expect([rest.items.map(({ job }) => job.id), rest.nextCursor]).toEqual([[first], null]);

    const foreign = await server.request<Page<FailedJob>>('GET', path, undefined, { token: tenant.token });
    expect(foreign.body).toEqual({ items: [], nextCursor: null });
    expect((await firstError(first, tenant.token)).status).toBe(404);

    const document = (await server.request<OpenApiDocument>('GET', '/api/openapi.json')).body;
    const described = (route: string, body: unknown): string[] => {
      const [content] = Object.values(document.paths[route]!['get']!.responses['200']!.content!);
      return deviations(document, content!.schema!, body);
    };
    expect(described('/api/v1/jobs/{id}/first-error', told)).toEqual([]);
    expect(described('/api/v1/logs/errors/{fingerprint}/jobs', page)).toEqual([]);
    expect(described('/api/v1/logs/search', (await search('q=worker&limit=1')).body)).toEqual([]);
  });

  test('is none of a job that did not fail or printed nothing', async () => {
    const nothing = { status: 'none', error: null, others: null };
    expect(await known(await ran('fine', 'succeeded', ['error: tolerated']))).toEqual(nothing);
    expect(await known(await ran('silent', 'failed', []))).toEqual(nothing);
    expect((await firstError('nonsense' as JobId)).status).toBe(404);
  });

  test('bytes that PostgreSQL cannot hold do not stop it', async () => {
    const id = await ran('odd', 'failed', ['error: \0 \ud800 \u001b[1mbold\u001b[0m']);
    expect((await known(id)).error?.text).toBe('error: ␀ \ufffd bold');
  });

  test('jobs that nobody told of are found by the sweep', async () => {
    const { body: job } = await server.request<JobSummary>('POST', '/api/v1/jobs', { steps: [{ run: 'true' }] });
    const held = await claimBySql(client, job.id);
    await print(held, 1, [[1, -1, 'e', 'fatal: could not read from remote repository']]);
    await endBySql(client, held, 'failed');
    await client.query(`UPDATE jobs SET finished_at = finished_at - interval '1 hour' WHERE id = $1`, [job.id]);
    expect((await known(job.id)).error).toMatchObject({ step: -1, seq: 1 });
  });

  test.each(['x', '0'.repeat(31), `${'0'.repeat(31)}G`])('refuses the fingerprint %s', async (fingerprint) => {
    const { status, body } = await server.request<Problem>('GET', `/api/v1/logs/errors/${fingerprint}/jobs`);
    expect([status, body.code]).toEqual([400, 'invalid_fingerprint']);
  });
});

test('what retention removed is not found, and leaves nothing', async () => {
  const id = await ran('soon removed', 'failed', ['error: of a log that goes']);
  await isSigned(id);
  expect(await foundIds('q=that%20goes')).toEqual([id]);
  // as LogRemoval finds it before it has come to the rows
  await client.query(
    `INSERT INTO retention (organization_id, log_floor) SELECT organization_id, '${'f'.repeat(8)}-ffff-ffff-ffff-ffffffffffff'
     FROM jobs WHERE id = $1
     ON CONFLICT (organization_id) DO UPDATE SET log_floor = EXCLUDED.log_floor`,
    [id],
  );
  expect(await foundIds('q=that%20goes')).toEqual([]);
  const { body } = await server.request<FirstError>('GET', `/api/v1/jobs/${id}/first-error`);
  expect(body.status).toBe('none');
  const left = () =>
    client.query(
      'SELECT 1 FROM log_signatures WHERE job_id = $1 UNION ALL SELECT 1 FROM log_errors WHERE job_id = $1',
      [id],
    );
  await eventually(left, ({ rowCount }) => rowCount === 0);
});
