import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  EngineOutput,
  EngineSpec,
  GrantedJob,
  InstanceId,
  ModuleOutputs as ModuleOutputsView,
  ModuleOutputVersion,
  OrganizationId,
  Page,
  Problem,
} from '@dibs/shared';
import type pg from 'pg';
import type { OutputsChanged } from '../../src/events/domain-events.js';
import { EventBus } from '../../src/events/event-bus.js';
import { ModuleOutputs } from '../../src/module-outputs/module-outputs.js';
import { JobRemovalRepository } from '../../src/retention/job-removal.repository.js';
import { callFile, makeWorker, submitEngineJob, type Worker } from '../support/engine-job-fixtures.js';
import { succeeded } from '../support/fake-runner.js';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, endBySql, makeTenant } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let client: pg.Client;
let organizationId: OrganizationId;
let worker: Worker;
/** A module of its own for each test. */
let scope: Hierarchy;
let told: OutputsChanged[];

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  client = await connect(server.databaseUrl);
  organizationId = await defaultOrganization(client);
  worker = await makeWorker(server);
  server.app.get(EventBus, { strict: false }).on('module.outputs_changed', (event) => told.push(event));
});
beforeEach(async () => {
  scope = await insertHierarchy(client, organizationId, `stack-${randomUUID()}`);
  told = [];
});
afterAll(async () => {
  worker.fake.close();
  await client.end();
  await server.stop();
});

const open = (value: unknown): EngineOutput => ({ value, sensitive: false });
const secret = (value: unknown): EngineOutput => ({ value, sensitive: true });

async function held(engine: Partial<EngineSpec> = { command: 'apply' }): Promise<GrantedJob> {
  return worker.fake.take(await submitEngineJob(server, client, scope, engine));
}

interface Answer {
  readonly status: number;
  readonly body: { version: number; changed: boolean } & Problem;
}

/** @param outputs text is sent as it is */
async function put(job: GrantedJob, outputs: unknown, token = worker.token): Promise<Answer> {
  const body = Buffer.from(typeof outputs === 'string' ? outputs : JSON.stringify(outputs));
  const answer = await callFile(server, 'PUT', 'outputs', job, { token, body, type: 'application/json' });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

async function stored(outputs: Readonly<Record<string, EngineOutput>>): Promise<Answer['body']> {
  const { status, body } = await put(await held(), outputs);
  expect(status).toBe(200);
  return body;
}

const read = async (): Promise<ModuleOutputsView> =>
  (await server.request<ModuleOutputsView>('GET', `/api/v1/modules/${scope.moduleId}/outputs`)).body;

const values = (...names: string[]): Promise<(EngineOutput | null)[]> =>
  server.app.get(ModuleOutputs, { strict: false }).values(
    organizationId,
    names.map((output) => ({ moduleId: scope.moduleId, output })),
  );

/** All that every table of the database holds, as text. */
async function wholeDatabase(): Promise<string> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace`,
  );
  const found: unknown[] = [];
  for (const { name } of tables) found.push((await client.query(`SELECT t::text FROM ${name} t`)).rows);
  return JSON.stringify(found);
}

describe('outputs of a module', () => {
  test('have a version that counts up when something changed, and only then', async () => {
    expect(await read()).toEqual({ version: 0, changedAt: null, jobId: null, outputs: {} });
    expect(await stored({})).toEqual({ version: 0, changed: false });
    const job = await held();
    const first = { id: open('vpc-1'), tags: open({ b: [1, null], a: 'ü' }), key: secret('k1'), gone: open(1) };
    expect((await put(job, first)).body).toEqual({ version: 1, changed: true });
    expect((await put(job, first)).body).toEqual({ version: 1, changed: false });
    expect(await read()).toMatchObject({ version: 1, jobId: job.jobId, changedAt: expect.any(String) });

    // the same in another order
    const same = { key: secret('k1'), gone: open(1), tags: open({ a: 'ü', b: [1, null] }), id: open('vpc-1') };
    expect(await stored(same)).toEqual({ version: 1, changed: false });
    const second = { id: secret('vpc-1'), tags: first.tags, key: secret('k2') };
    expect(await stored(second)).toEqual({ version: 2, changed: true });
    expect((await read()).outputs).toEqual({
      id: { sensitive: true },
      key: { sensitive: true },
      tags: { sensitive: false, value: first.tags.value },
    });
    expect(await values('id', 'key', 'tags', 'gone', 'none')).toEqual([second.id, second.key, second.tags, null, null]);
    expect(await stored({})).toEqual({ version: 3, changed: true });
    expect((await read()).outputs).toEqual({});

    const names = ['id', 'key', 'tags'];
    const { moduleId } = scope;
    expect(told).toEqual([
      { organizationId, moduleId, version: 1, changed: ['gone', ...names] },
      { organizationId, moduleId, version: 2, changed: ['gone', 'id', 'key'] },
      { organizationId, moduleId, version: 3, changed: names },
    ]);
    const page = async (query: string): Promise<Page<ModuleOutputVersion>> => {
      const path = `/api/v1/modules/${moduleId}/outputs/versions?${query}`;
      return (await server.request<Page<ModuleOutputVersion>>('GET', path)).body;
    };
    const { items, nextCursor } = await page('limit=2');
    expect(items).toMatchObject([
      { version: 3, changed: names, changedCount: 3 },
      { version: 2, changed: ['gone', 'id', 'key'], changedCount: 3 },
    ]);
    const rest = await page(`cursor=${nextCursor}`);
    expect(rest).toMatchObject({ items: [{ version: 1, jobId: job.jobId, changedCount: 4 }], nextCursor: null });
    await endBySql(client, { ...job, organizationId, instanceId: randomUUID() as InstanceId }, 'succeeded');
    const removal = server.app.get(JobRemovalRepository, { strict: false });
    const [none, last] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
    expect(await removal.removeNext(organizationId, none, last, new Date(Date.now() + 86_400_000))).toMatchObject({
      removed: 1,
    });
    expect((await page('')).items[2]).toMatchObject({ version: 1, jobId: null });
  });

  test('that are sensitive are nowhere in clear, and open in no other place', async () => {
    const planted = 'planted-sensitive-output';
    await stored({ password: secret({ deep: [planted] }), other: secret('x'), plain: open('shown-output') });
    const seen = (await wholeDatabase()) + JSON.stringify(await read());
    // the scan would see it: what is not sensitive is there
    expect(seen).toContain('shown-output');
    for (const encoding of ['utf8', 'hex', 'base64'] as const) {
      expect(seen).not.toContain(Buffer.from(planted).toString(encoding));
    }

    await client.query(
      `UPDATE module_outputs o SET sealed = p.sealed FROM module_outputs p
       WHERE o.module_id = $1 AND o.name = 'other' AND p.module_id = $1 AND p.name = 'password'`,
      [scope.moduleId],
    );
    await expect(values('other')).rejects.toMatchObject({ code: 'outputs_unreadable' });
    // reading them again mends what cannot be opened any more
    expect(await stored({ password: secret({ deep: [planted] }), other: secret('x') })).toMatchObject({ version: 2 });
    expect(told.at(-1)?.changed).toEqual(['other', 'plain']);
    expect(await values('other')).toEqual([secret('x')]);
  });

  test('are as many as ten thousand, and no more', async () => {
    const many = (count: number): Record<string, EngineOutput> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`o${index}`, { value: index, sensitive: index % 2 === 0 }]),
      );
    expect(await stored(many(10_000))).toEqual({ version: 1, changed: true });
    expect(await stored(many(10_000))).toEqual({ version: 1, changed: false });
    expect(await values('o9998', 'o9999')).toEqual([secret(9998), open(9999)]);
    expect(Object.keys((await read()).outputs)).toHaveLength(10_000);
    expect(await put(await held(), many(10_001))).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('are told to nobody of another organization', async () => {
    await stored({ id: open('vpc-1') });
    const { token, organizationId: other } = await makeTenant(client);
    for (const path of ['outputs', 'outputs/versions']) {
      const { status } = await server.request('GET', `/api/v1/modules/${scope.moduleId}/${path}`, undefined, { token });
      expect(status).toBe(404);
    }
    const service = server.app.get(ModuleOutputs, { strict: false });
    expect(await service.values(other, [{ moduleId: scope.moduleId, output: 'id' }])).toEqual([null]);
  });
});

describe('outputs are refused', () => {
  test('from whoever does not hold the attempt, and of jobs that read none', async () => {
    const colleague = await makeWorker(server);
    colleague.fake.close();
    const job = await held();
    expect(await put(job, {}, colleague.token)).toMatchObject({ status: 403, body: { code: 'fenced' } });
    expect(await put({ ...job, claimToken: 'x' }, {})).toMatchObject({ status: 403, body: { code: 'fenced' } });
    expect(await put({ ...job, attempt: 2 }, {})).toMatchObject({ status: 403, body: { code: 'fenced' } });
    expect(await put(job, {}, await server.token())).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await worker.fake.finish(succeeded(job));
    expect(await put(job, { late: open(1) })).toMatchObject({ status: 403, body: { code: 'fenced' } });
    const plans = await held({ command: 'plan' });
    expect(await put(plans, {})).toMatchObject({ status: 409, body: { code: 'no_outputs_expected' } });
    expect((await read()).version).toBe(0);
    expect(told).toEqual([]);
  });

  let job: GrantedJob | undefined;
  const valid = JSON.stringify({ value: 1, sensitive: false });
  test.each([
    ['no JSON', '{"id":', 'malformed_json'],
    ['an array', '[]', 'validation_failed'],
    ['nothing', '', 'validation_failed'],
    ['an output that is a value', '{"id":"vpc-1"}', 'validation_failed'],
    ['an output without value', '{"id":{"sensitive":false}}', 'validation_failed'],
    ['an output that does not say whether it is sensitive', '{"id":{"value":1}}', 'validation_failed'],
    ['an unknown property', '{"id":{"value":1,"sensitive":false,"type":"number"}}', 'validation_failed'],
    ['an empty name', `{"":${valid}}`, 'validation_failed'],
    ['a name with a line end', `{"a\\nb":${valid}}`, 'validation_failed'],
    ['a name that is too long', `{"${'a'.repeat(257)}":${valid}}`, 'validation_failed'],
    ['the name __proto__', `{"__proto__":${valid}}`, 'forbidden_property'],
    ['the name constructor', `{"constructor":${valid}}`, 'forbidden_property'],
    ['a value with __proto__', `{"a":{"value":{"__proto__":{}},"sensitive":false}}`, 'forbidden_property'],
    ['a value with NUL', `{"a":{"value":"\\u0000","sensitive":true}}`, 'forbidden_character'],
    ['a value that is too deep', `{"a":{"value":${'['.repeat(40)}${']'.repeat(40)},"sensitive":true}}`, 'too_deep'],
  ])('when they are %s', async (_, body, code) => {
    job ??= await held();
    const answer = await put(job, body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });

  test('when they have more than 4 MiB, but not before', async () => {
    const job = await held();
    const ofBytes = (bytes: number): string => JSON.stringify({ big: open('x'.repeat(bytes)) });
    const most = 4 * 1024 * 1024 - ofBytes(0).length;
    expect((await put(job, ofBytes(most))).status).toBe(200);
    expect(await put(job, ofBytes(most + 1))).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });
});
