import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { JobDetail, JobId, JobSummary, Page, Problem } from '@dibs/shared';
import {
  claimBySql,
  connect,
  defaultOrganization,
  endBySql,
  eventually,
  makeTenant,
  makeToken,
  type Tenant,
} from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const UUID = /^[0-9a-f-]{36}$/;
const hello = { steps: [{ run: 'echo hi' }] };

let server: TestServer;
let client: pg.Client;
let foreign: Tenant;
let viewer: string;
let operator: string;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
  foreign = await makeTenant(client);
  const organizationId = await defaultOrganization(client);
  viewer = await makeToken(client, organizationId, 'viewer');
  operator = await makeToken(client, organizationId, 'operator');
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

async function submit(body: object = hello, headers: Record<string, string> = {}): Promise<JobSummary> {
  const response = await server.request<JobSummary>('POST', '/api/v1/jobs', body, { headers });
  expect(response.status).toBe(201);
  return response.body;
}

const detail = async (id: JobId): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

describe('submit', () => {
  test('answers with a queued job that is in the database', async () => {
    const response = await server.request<JobSummary>('POST', '/api/v1/jobs', { ...hello, name: 'first', priority: 7 });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/api/v1/jobs/${response.body.id}`);
    expect(response.body).toMatchObject({
      id: expect.stringMatching(UUID),
      name: 'first',
      state: 'queued',
      reason: null,
      priority: 7,
      attempt: 0,
      claimedBy: null,
      cancel: null,
      retryOf: null,
      submittedBy: 'test-owner',
      queuedAt: expect.any(String),
      startedAt: null,
    });
    const { rows } = await client.query('SELECT state FROM jobs WHERE id = $1', [response.body.id]);
    expect(rows).toEqual([{ state: 'queued' }]);
    // that nobody is there to take it may be said already, too
    const { timeline } = await detail(response.body.id);
    expect([timeline[0]?.type, timeline[1]?.type]).toEqual(['submitted', 'queued']);
  });

  test('keeps everything the caller said and fills in the rest', async () => {
    const body = {
      name: 'all',
      steps: [{ name: 'test', run: 'npm test', shell: 'sh', timeoutSeconds: 600 }],
      env: { CI: 'true', TF_VAR_x: 'ü' },
      source: { type: 'git', url: 'https://example.com/a/b.git', revision: 'main', path: 'sub/dir', depth: 1 },
      files: [{ path: 'a/input.json', content: '{}' }],
      executor: { type: 'shell' },
      requires: { tools: ['terraform'], labels: { zone: 'eu' } },
      runner: 'build-pool',
      instance: 'build-pool-0',
      priority: -5,
      timeoutSeconds: 60,
      queueTimeoutSeconds: 120,
      onLost: 'fail',
      maxAttempts: 2,
    };
    const { id } = await submit(body);
    expect((await detail(id)).spec).toEqual({
      ...body,
      requires: { ...body.requires, prefers: {} },
      ...{ slots: 1, retry: null, concurrency: null, fanOut: null, scope: null },
    });
    expect((await detail(id)).steps).toEqual([
      { step: 0, name: 'test', state: 'pending', exitCode: null, signal: null, startedAt: null, finishedAt: null },
    ]);
  });

  test('seals secrets: only their names come back, and the database holds no byte of them', async () => {
    const { id } = await submit({ ...hello, secrets: { TOKEN: 'planted-secret-value', OTHER: 'planted-too' } });
    const job = await detail(id);
    expect([...job.secretNames].sort()).toEqual(['OTHER', 'TOKEN']);
    expect(JSON.stringify(job)).not.toContain('planted');
    const { rows } = await client.query<{ job: string; secrets: Buffer }>(
      'SELECT s::text AS job, secrets FROM job_submissions s WHERE id = $1',
      [id],
    );
    expect(rows[0]!.job).not.toContain('planted');
    expect(rows[0]!.secrets.toString('latin1')).not.toContain('planted');
    expect(rows[0]!.job).not.toContain(Buffer.from('planted-secret-value').toString('hex'));
  });

  test('is whole for many at once', async () => {
    const jobs = Array.from({ length: 300 }, (_, index) => ({ ...hello, name: `bulk-${index}` }));
    const response = await server.request<{ items: JobSummary[] }>('POST', '/api/v1/jobs/bulk', { jobs });
    expect(response.status).toBe(201);
    expect(response.body.items.map((job) => job.name)).toEqual(jobs.map((job) => job.name));
    const bad = [...jobs.slice(0, 5).map((job) => ({ ...job, name: 'half-bulk' })), { steps: [] }];
    expect((await server.request('POST', '/api/v1/jobs/bulk', { jobs: bad })).status).toBe(400);
    expect((await server.request<Page<JobSummary>>('GET', '/api/v1/jobs?q=half-bulk')).body.items).toEqual([]);
  });

  test('accepts each of many concurrent ones exactly once', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `concurrent-${index}-${randomUUID()}`);
    const jobs = await Promise.all(names.map((name) => submit({ ...hello, name })));
    expect(new Set(jobs.map((job) => job.id)).size).toBe(100);
    const { rows } = await client.query('SELECT name FROM job_submissions WHERE name = ANY($1)', [names]);
    expect([rows.length, new Set(rows)]).toEqual([100, new Set(names.map((name) => ({ name })))]);
  });
});

describe('idempotency', () => {
  const post = (key: string, body: object = hello, token?: string) =>
    server.request<JobSummary & Problem>('POST', '/api/v1/jobs', body, {
      headers: { 'idempotency-key': key },
      ...(token === undefined ? {} : { token }),
    });

  test('50 concurrent submits with one key are one job', async () => {
    const key = randomUUID();
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => post(key, { ...hello, env: { A: '1', B: '2' } })),
    );
    expect(responses.filter((response) => response.status === 201)).toHaveLength(1);
    expect(responses.filter((response) => response.status === 200)).toHaveLength(49);
    expect(new Set(responses.map((response) => response.body.id)).size).toBe(1);
    const { rows } = await client.query('SELECT id FROM job_submissions WHERE idempotency_key = $1', [key]);
    expect(rows).toHaveLength(1);
    const shuffled = await post(key, { env: { B: '2', A: '1' }, ...hello });
    expect([shuffled.status, shuffled.body.id]).toEqual([200, responses[0]!.body.id]);
  });

  test('another body, also only another secret, is refused', async () => {
    const key = randomUUID();
    await post(key, { ...hello, secrets: { TOKEN: 'one-value' } });
    expect((await post(key, { ...hello, secrets: { TOKEN: 'one-value' } })).status).toBe(200);
    for (const body of [hello, { ...hello, secrets: { TOKEN: 'two-value' } }, { steps: [{ run: 'other' }] }]) {
      const response = await post(key, body);
      expect([response.status, response.body.code]).toEqual([422, 'idempotency_mismatch']);
    }
  });

  test('keys of organizations have nothing to do with each other', async () => {
    const key = randomUUID();
    const [ours, theirs] = [await post(key), await post(key, hello, foreign.token)];
    expect([ours.status, theirs.status]).toEqual([201, 201]);
    expect(ours.body.id).not.toBe(theirs.body.id);
  });

  test.each(['', ' ', 'a b', 'x'.repeat(201), 'ü'])('a key may not be %j', async (key) => {
    const response = await post(key);
    // fetch itself trims white space, and an empty header is a key that is none
    expect([response.status, response.body.code]).toEqual([400, 'invalid_idempotency_key']);
  });
});

describe('wait', () => {
  test('holds the answer until the job ends', async () => {
    const name = `waiting-${randomUUID()}`;
    const waiting = server.request<JobSummary>('POST', '/api/v1/jobs?wait=30', { ...hello, name });
    const { items } = await eventually(
      async () => (await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?q=${name}`)).body,
      (page) => page.items.length === 1,
    );
    await server.request('POST', `/api/v1/jobs/${items[0]!.id}/cancel`);
    const response = await waiting;
    expect([response.status, response.body.state]).toEqual([201, 'canceled']);
  });

  test('notices an end that nobody told this process about', async () => {
    const job = await submit();
    const held = await claimBySql(client, job.id);
    const waiting = server.request<JobDetail>('GET', `/api/v1/jobs/${job.id}?wait=30`);
    await endBySql(client, held, 'succeeded');
    expect((await waiting).body).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('answers with the job as it is when the time is over', async () => {
    const job = await submit();
    const response = await server.request<JobDetail>('GET', `/api/v1/jobs/${job.id}?wait=1`);
    expect([response.status, response.body.state]).toEqual([200, 'queued']);
  });

  test.each(['0', '61', '-1', '1.5', 'x', ''])('refuses wait=%s', async (wait) => {
    expect((await server.request('POST', `/api/v1/jobs?wait=${wait}`, hello)).status).toBe(400);
  });
});

describe('list', () => {
  test('pages through the newest first, without repeating or losing any', async () => {
    const name = `page-${randomUUID()}`;
    const made = [];
    for (let index = 0; index < 5; index += 1) made.unshift((await submit({ ...hello, name })).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/v1/jobs?q=${name}&limit=2${cursor && `&cursor=${cursor}`}`;
      const { body }: { body: Page<JobSummary> } = await server.request<Page<JobSummary>>('GET', path);
      seen.push(...body.items.map((job) => job.id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(made);
  });

  test('filters by state, runner and text', async () => {
    const name = `filter-${randomUUID()}%_`;
    const [queued, canceled, claimed] = [
      await submit({ ...hello, name }),
      await submit({ ...hello, name }),
      await submit({ ...hello, name }),
    ];
    await server.request('POST', `/api/v1/jobs/${canceled.id}/cancel`);
    await claimBySql(client, claimed.id);
    const find = async (query: string): Promise<string[]> => {
      const response = await server.request<Page<JobSummary>>(
        'GET',
        `/api/v1/jobs?q=${encodeURIComponent(name)}&${query}`,
      );
      expect(response.status).toBe(200);
      return response.body.items.map((job) => job.id);
    };
    expect(await find('')).toEqual([claimed.id, canceled.id, queued.id]);
    expect(await find('state=queued')).toEqual([queued.id]);
    expect(await find('state=queued,canceled')).toEqual([canceled.id, queued.id]);
    expect(await find('state=queued&state=claimed')).toEqual([claimed.id, queued.id]);
    expect(await find('state=running')).toEqual([]);
    expect(await find('runner=pool')).toEqual([claimed.id]);
    const byId = await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?q=${queued.id}`);
    expect(byId.body.items.map((job) => job.id)).toEqual([queued.id]);
    expect((await server.request<Page<JobSummary>>('GET', '/api/v1/jobs?q=filter-%25%25')).body.items).toEqual([]);
  });

  test.each([
    'state=nothing',
    'limit=0',
    'limit=1000000',
    'limit=x',
    'cursor=%21',
    'cursor=abc',
    'q=',
    'q=a%00',
    'modules=x',
    'q=%1b',
    'toString=1',
    '__proto__=1',
    'constructor=1',
  ])('refuses ?%s', async (query) => expect((await server.request('GET', `/api/v1/jobs?${query}`)).status).toBe(400));

  test('a cursor of another organization shows nothing of it', async () => {
    const theirs = await server.request<JobSummary>('POST', '/api/v1/jobs', hello, { token: foreign.token });
    await submit();
    const cursor = Buffer.from(theirs.body.id).toString('base64url');
    const { body } = await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?cursor=${cursor}&limit=200`);
    expect(body.items.some((job) => job.id === theirs.body.id)).toBe(false);
  });
});

describe('cancel', () => {
  const cancel = (id: string, body?: object, token?: string) =>
    server.request<JobSummary & Problem>('POST', `/api/v1/jobs/${id}/cancel`, body, token ? { token } : {});

  test('ends a queued job at once, once', async () => {
    const { id } = await submit();
    const response = await cancel(id);
    expect(response.status).toBe(202);
    expect(response.body).toMatchObject({ state: 'canceled', reason: 'canceled', cancel: { mode: 'graceful' } });
    const types = (await detail(id)).timeline.map((event) => event.type);
    // no runner is known here, which is a warning of its own
    expect(types.filter((type) => type !== 'no_matching_runner')).toEqual([
      'submitted',
      'queued',
      'cancel_requested',
      'finished',
    ]);
    const again = await cancel(id);
    expect([again.status, again.body.code]).toEqual([409, 'job_already_finished']);
  });

  test('asks the runner of a claimed job, and may only become harsher', async () => {
    const { id } = await submit();
    const held = await claimBySql(client, id);
    expect((await cancel(id, { mode: 'after_step' })).body).toMatchObject({
      state: 'claimed',
      cancel: { mode: 'after_step' },
    });
    expect((await cancel(id)).body.cancel?.mode).toBe('graceful');
    expect((await cancel(id, { mode: 'after_step' })).body.cancel?.mode).toBe('graceful');
    expect((await cancel(id, { mode: 'kill' })).body.cancel?.mode).toBe('kill');
    const repeated = await cancel(id, { mode: 'kill' });
    expect([repeated.status, repeated.body.cancel?.mode]).toEqual([202, 'kill']);
    const requests = (await detail(id)).timeline.filter((event) => event.type === 'cancel_requested');
    expect(requests.map((event) => event.attempt)).toEqual([1, 1, 1]);
    await endBySql(client, held, 'canceled');
    expect((await cancel(id)).status).toBe(409);
  });

  test('is decided once however many ask', async () => {
    const { id } = await submit();
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => cancel(id)))).map(
      (response) => response.status,
    );
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(9);
  });

  test.each([{ mode: 'softly' }, { mode: 1 }, { force: true }, []])('refuses %j', async (body) => {
    const { id } = await submit();
    expect((await cancel(id, body)).status).toBe(400);
    expect((await detail(id)).state).toBe('queued');
  });
});

describe('retry', () => {
  const retry = (id: string) => server.request<JobSummary & Problem>('POST', `/api/v1/jobs/${id}/retry`);

  test('makes a new job with the same spec and secrets', async () => {
    const source = await submit({ ...hello, name: 'again', secrets: { TOKEN: 'secret-of-retry' }, priority: 3 });
    await server.request('POST', `/api/v1/jobs/${source.id}/cancel`);
    const response = await retry(source.id);
    expect(response.status).toBe(201);
    expect(response.body).toMatchObject({
      name: 'again',
      state: 'queued',
      retryOf: source.id,
      priority: 3,
      attempt: 0,
    });
    expect(response.body.id).not.toBe(source.id);
    const [from, made] = [await detail(source.id), await detail(response.body.id)];
    expect(made.spec).toEqual(from.spec);
    expect(made.secretNames).toEqual(['TOKEN']);
    // a retry of the retry opens the secrets that were sealed for another job
    await server.request('POST', `/api/v1/jobs/${made.id}/cancel`);
    expect((await retry(made.id)).status).toBe(201);
  });

  test('needs a job that has ended', async () => {
    const { id } = await submit();
    const response = await retry(id);
    expect([response.status, response.body.code]).toEqual([409, 'job_not_finished']);
  });
});

describe('who may', () => {
  const routes: [string, string, object?][] = [
    ['GET', ''],
    ['POST', '/cancel'],
    ['POST', '/retry'],
    ['GET', '/logs'],
    ['GET', '/logs?follow=true'],
  ];

  test.each(routes)('%s /jobs/{id}%s: foreign, missing and impossible ids are all the same', async (method, path) => {
    const { id } = await submit();
    const answers = [];
    for (const [each, token] of [
      [id, foreign.token],
      [randomUUID(), undefined],
      ['not-an-id', undefined],
      ["' OR 1=1", undefined],
    ] as const) {
      const response = await server.request<Problem>(
        method,
        `/api/v1/jobs/${encodeURIComponent(each)}${path}`,
        undefined,
        token ? { token } : {},
      );
      answers.push({ status: response.status, problem: { ...response.body, requestId: '' } });
    }
    expect(answers[0]).toMatchObject({ status: 404, problem: { code: 'job_not_found' } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await detail(id)).state).toBe('queued');
  });

  test('a foreign list is empty of ours', async () => {
    const { id } = await submit();
    for (const query of [`q=${id}`, 'limit=200', 'state=queued&limit=200']) {
      const { body } = await server.request<Page<JobSummary>>('GET', `/api/v1/jobs?${query}`, undefined, {
        token: foreign.token,
      });
      expect(body.items.some((job) => job.id === id)).toBe(false);
    }
  });

  test('a viewer reads and does nothing else', async () => {
    const { id } = await submit();
    expect((await server.request('GET', `/api/v1/jobs/${id}`, undefined, { token: viewer })).status).toBe(200);
    expect((await server.request('GET', '/api/v1/jobs', undefined, { token: viewer })).status).toBe(200);
    for (const [path, body] of [
      ['', hello],
      ['/bulk', { jobs: [hello] }],
      [`/${id}/cancel`],
      [`/${id}/retry`],
    ] as const) {
      expect((await server.request('POST', `/api/v1/jobs${path}`, body, { token: viewer })).status).toBe(403);
    }
    expect((await detail(id)).state).toBe('queued');
  });

  test('an operator submits and cancels', async () => {
    const made = await server.request<JobSummary>('POST', '/api/v1/jobs', hello, { token: operator });
    expect(made.status).toBe(201);
    const canceled = await server.request('POST', `/api/v1/jobs/${made.body.id}/cancel`, {}, { token: operator });
    expect(canceled.status).toBe(202);
  });

  test.each([
    ['POST', '/api/v1/jobs'],
    ['POST', '/api/v1/jobs/bulk'],
    ['GET', '/api/v1/jobs'],
    ['POST', `/api/v1/jobs/${randomUUID()}/cancel`],
  ])('nobody without credentials: %s %s', async (method, path) => {
    const response = await server.request<Problem>(method, path, method === 'POST' ? hello : undefined, {
      token: null,
    });
    expect(response.status).toBe(401);
  });
});
