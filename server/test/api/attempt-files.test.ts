import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineResult, EngineSpec, GrantedJob, JobDetail, JobId, Problem } from '@dibs/shared';
import type pg from 'pg';
import { EngineResults } from '../../src/engine-results/engine-results.js';
import { callFile, makeWorker, submitEngineJob, type Call, type Worker } from '../support/engine-job-fixtures.js';
import { createRunner, eventually, fetchRunnerToken, submitJob, succeeded } from '../support/fake-runner.js';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, removeBySql } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const MIB = 1024 * 1024;
const COMMIT = 'c0ffee'.padEnd(40, '0');

let server: TestServer;
let client: pg.Client;
let scope: Hierarchy;
let worker: Worker;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  client = await connect(server.databaseUrl);
  worker = await makeWorker(server);
  scope = await insertHierarchy(client, await defaultOrganization(client), 'prod');
});
afterAll(async () => {
  worker.fake.close();
  await client.end();
  await server.stop();
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function held(engine: Partial<EngineSpec> = {}): Promise<GrantedJob> {
  return worker.fake.take(await submitEngineJob(server, client, scope, engine));
}

const put = (job: GrantedJob, body: Call['body'], call: Partial<Call> = {}): Promise<Response> =>
  callFile(server, 'PUT', 'plan', job, { token: worker.token, body: body!, ...call });

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as Problem).code,
];

const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

async function countPieces(job: GrantedJob): Promise<number> {
  const { rows } = await client.query<{ n: number }>('SELECT count(*) AS n FROM engine_plan_pieces WHERE job_id = $1', [
    job.jobId,
  ]);
  return rows[0]!.n;
}

describe('the result of an engine', () => {
  const engine: EngineResult = {
    plan: { add: 2, change: 1, destroy: 0, hasChanges: true, sha256: sha256(Buffer.from('plan')) },
    stateLock: { state: 'held', id: 'lock-1', who: 'ada\ud800' },
  };

  test('is offered to be taken, stored with the end of the attempt, and told of the job', async () => {
    expect(worker.fake.welcome.limits.engineResults).toBe(true);
    const job = await held();
    const plain = await worker.fake.take(await submitJob(server, { executor: { type: 'noop' } }));
    const fetched = await worker.fake.take(await submitJob(server, { executor: { type: 'noop' } }));
    const replies = await worker.fake.finishAll([
      { ...succeeded(job), commit: COMMIT, engine },
      succeeded(plain),
      { ...succeeded(fetched), commit: COMMIT },
    ]);
    expect(replies).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(await detail(job.jobId)).toMatchObject({ commit: COMMIT, engine });
    const ordinary = await detail(plain.jobId);
    expect(ordinary).not.toHaveProperty('commit');
    expect(ordinary).not.toHaveProperty('engine');

    const results = server.app.get(EngineResults, { strict: false });
    const organizationId = await defaultOrganization(client);
    const ids = [job.jobId, plain.jobId, fetched.jobId];
    expect(await results.of(organizationId, ids)).toEqual(
      new Map([
        [job.jobId, { attempt: 1, commit: COMMIT, engine }],
        [fetched.jobId, { attempt: 1, commit: COMMIT, engine: null }],
      ]),
    );
    expect(await results.of(randomUUID() as never, ids)).toEqual(new Map());
  });

  test('is kept of an attempt that is given up or tried again, and not of one that is refused', async () => {
    const lost = await held();
    await worker.fake.finish({
      ...succeeded(lost),
      outcome: 'lost',
      reason: 'runner_restarted',
      exitCode: null,
      engine,
    });
    const again = await worker.fake.take(
      await submitJob(server, { executor: { type: 'noop' }, retry: { maxAttempts: 2 } }),
    );
    const failed = { outcome: 'failed', reason: 'step_failed', exitCode: 1 } as const;
    expect(await worker.fake.finish({ ...succeeded(again), ...failed, commit: COMMIT })).toEqual({ ok: true });
    const early = await held();
    const refused = await worker.fake.finish({ ...succeeded(early), lastSeq: 3, engine });
    expect(refused).toMatchObject({ code: 'E_GAP' });
    expect((await detail(lost.jobId)).engine).toEqual(engine);
    expect((await detail(again.jobId)).commit).toBe(COMMIT);
    expect(await detail(early.jobId)).not.toHaveProperty('engine');
  });

  test.each([
    ['a commit that is none', { commit: 'main' }],
    ['counts below zero', { engine: { ...engine, plan: { ...engine.plan!, add: -1 } } }],
    ['properties that are unknown', { engine: { ...engine, cost: 1 } }],
    ['a lock without id', { engine: { ...engine, stateLock: { state: 'held', id: '', who: null } } }],
  ])('is refused with %s', async (_, wrong) => {
    const job = await held();
    const reply = await worker.fake.request('job:finished', { results: [{ ...succeeded(job), ...wrong }] });
    expect(reply).toMatchObject({ ok: false, code: 'E_VALIDATION' });
  });
});

describe('a plan', () => {
  test('goes from the job that made it to the one that carries it out, sealed on the way', async () => {
    // larger than a piece, and no multiple of one
    const plan = Buffer.concat([Buffer.from('planted-in-the-plan '.repeat(40_000)), randomBytes(77)]);
    const made = await held();
    const stored = await put(made, plan);
    expect(stored.status).toBe(201);
    expect(await stored.json()).toEqual({ sha256: sha256(plan), bytes: plan.length });
    const pieces = await countPieces(made);
    expect(pieces).toBeGreaterThan(2);

    expect((await put(made, plan)).status).toBe(200);
    expect(await codeOf(await put(made, Buffer.from('another')))).toEqual([409, 'plan_stored']);
    expect(await countPieces(made)).toBe(pieces);
    const { rows } = await client.query<{ sealed: Buffer }>('SELECT sealed FROM engine_plan_pieces');
    for (const { sealed } of rows) expect(sealed.includes('planted')).toBe(false);

    const carried = await held({ command: 'apply', plan: { jobId: made.jobId, sha256: sha256(plan) } });
    const given = await callFile(server, 'GET', 'plan', carried, { token: worker.token });
    expect(given.headers.get('content-length')).toBe(String(plan.length));
    expect(Buffer.from(await given.arrayBuffer()).equals(plan)).toBe(true);
  });

  test('is gone with its job, cannot be read when it is not whole, and is no other one than was asked for', async () => {
    const plan = randomBytes(10);
    const made = await held();
    await put(made, plan);
    const get = async (engine: Partial<EngineSpec>): Promise<Response> =>
      callFile(server, 'GET', 'plan', await held(engine), { token: worker.token });
    const reference = { jobId: made.jobId, sha256: sha256(plan) };
    expect(await codeOf(await get({ command: 'plan' }))).toEqual([404, 'no_plan']);
    for (const plan of [
      { ...reference, sha256: sha256(Buffer.from('other')) },
      { ...reference, jobId: randomUUID() as JobId },
    ]) {
      expect(await codeOf(await get({ command: 'apply', plan }))).toEqual([404, 'plan_gone']);
    }
    await client.query(`UPDATE engine_plan_pieces SET sealed = sealed || '\\x00' WHERE job_id = $1`, [made.jobId]);
    expect(await codeOf(await get({ command: 'apply', plan: reference }))).toEqual([410, 'plan_unreadable']);
    await removeBySql(client, made.jobId);
    expect(await countPieces(made)).toBe(0);
    expect(await codeOf(await get({ command: 'apply', plan: reference }))).toEqual([404, 'plan_gone']);
  });

  test('is taken from nobody but the runner that holds the attempt, while it does', async () => {
    const job = await held();
    const body = Buffer.from('plan');
    const colleague = await makeWorker(server);
    colleague.fake.close();
    expect(await codeOf(await put(job, body, { token: null }))).toEqual([401, 'unauthenticated']);
    expect(await codeOf(await put(job, body, { token: 'x.y.z' }))).toEqual([401, 'invalid_token']);
    expect(await codeOf(await put(job, body, { token: await server.token() }))).toEqual([403, 'forbidden']);
    expect(await codeOf(await put(job, body, { token: colleague.token }))).toEqual([403, 'fenced']);
    expect(await codeOf(await put(job, body, { claimToken: 'x'.repeat(32) }))).toEqual([403, 'fenced']);
    expect(await codeOf(await put(job, body, { claimToken: '' }))).toEqual([403, 'fenced']);
    expect(await codeOf(await put({ ...job, attempt: 2 }, body))).toEqual([403, 'fenced']);
    expect(await codeOf(await put({ ...job, jobId: randomUUID() as JobId }, body))).toEqual([403, 'fenced']);
    expect(await codeOf(await put({ ...job, jobId: 'x' as JobId }, body))).toEqual([404, 'not_found']);
    expect(await codeOf(await put({ ...job, attempt: -1 }, body))).toEqual([404, 'not_found']);
    expect(await codeOf(await callFile(server, 'GET', 'plan', job, { token: colleague.token }))).toEqual([
      403,
      'fenced',
    ]);
    const disabled = await createRunner(server);
    const token = await fetchRunnerToken(server, disabled);
    await server.request('PATCH', `/api/v1/runners/${disabled.runnerId}`, { disabled: true });
    expect((await put(job, body, { token })).status).toBeGreaterThanOrEqual(401);
    await worker.fake.finish(succeeded(job));
    expect(await codeOf(await put(job, body))).toEqual([403, 'fenced']);
    expect(await countPieces(job)).toBe(0);
  });

  test('is refused when it is empty, too large, cut off, no bytes at all, or of a job that makes none', async () => {
    const job = await held();
    expect(await codeOf(await put(job, Buffer.alloc(0)))).toEqual([400, 'plan_empty']);
    expect(await codeOf(await put(job, Buffer.from('{}'), { type: 'application/json' }))).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(await codeOf(await put(await held({ command: 'apply' }), Buffer.from('x')))).toEqual([
      409,
      'no_plan_expected',
    ]);
    const ordinary = await worker.fake.take(await submitJob(server, { executor: { type: 'noop' } }));
    expect(await codeOf(await put(ordinary, Buffer.from('x')))).toEqual([409, 'no_plan_expected']);

    const piece = new Uint8Array(MIB);
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => void (sent++ <= 100 ? controller.enqueue(piece) : controller.close()),
    });
    expect(await codeOf(await put(job, endless))).toEqual([413, 'body_too_large']);
    const broken = new ReadableStream({
      start: (controller) => controller.enqueue(piece),
      pull: (controller) => controller.error(new Error('the runner died')),
    });
    await expect(put(job, broken)).rejects.toThrow();
    // nothing of all that is in the way, and nothing of it stays
    expect((await put(job, Buffer.from('whole'))).status).toBe(201);
    await eventually(
      () => countPieces(job),
      (count) => count === 1,
    );
  });

  test('is refused when the attempt ends while it is on its way', async () => {
    const job = await held();
    let sent = 0;
    const body = new ReadableStream({
      pull: async (controller) => {
        sent += 1;
        if (sent === 3) await worker.fake.finish(succeeded(job));
        return sent > 4 ? controller.close() : controller.enqueue(new Uint8Array(MIB));
      },
    });
    expect(await codeOf(await put(job, body))).toEqual([403, 'fenced']);
    expect(await countPieces(job)).toBe(0);
  });

  test('handed over many times at once is stored once', async () => {
    const job = await held();
    const bodies = Array.from({ length: 6 }, (_, index) => Buffer.from(`plan ${index % 2}`));
    const statuses = (await Promise.all(bodies.map((body) => put(job, body)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.filter((status) => status === 409)).toHaveLength(3);
    expect(await countPieces(job)).toBe(1);
  });
});

test('bytes are refused where a route does not take them', async () => {
  const { status } = await server.request('POST', '/api/v1/jobs', 'x', {
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(status).toBe(415);
  const body = Buffer.from('x');
  const elsewhere = await fetch(`${server.url}/api/v1/nothing`, {
    ...{ method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } },
  });
  expect(elsewhere.status).toBe(404);
});
