import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobSummary, Problem, SourceArchive } from '@dibs/shared';
import type pg from 'pg';
import { tar, tarGz, zip, type MadeEntry } from '../../../shared/test/make-archive.js';
import { SourceArchiveSweep } from '../../src/source-archives/source-archive-sweep.js';
import { callFile, makeWorker, type Worker } from '../support/engine-job-fixtures.js';
import { submitJob, succeeded } from '../support/fake-runner.js';
import { insertHierarchy, type Hierarchy } from '../support/hierarchy-fixtures.js';
import { connect, defaultOrganization, makeTenant } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const HOUR_MS = 3_600_000;

let server: TestServer;
let client: pg.Client;
let worker: Worker;
let scope: Hierarchy;
let token: string;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  client = await connect(server.databaseUrl);
  worker = await makeWorker(server);
  scope = await insertHierarchy(client, await defaultOrganization(client), 'prod');
  token = await server.token();
});
afterAll(async () => {
  worker.fake.close();
  await client.end();
  await server.stop();
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** Different each time. */
const madeWith = (make: (entries: readonly MadeEntry[]) => Buffer, bytes = 10): Buffer =>
  make([{ name: 'main.tf', content: randomBytes(bytes) }]);

function upload(body: Buffer, type = 'application/octet-stream'): Promise<Response> {
  return fetch(`${server.url}/api/v1/source-archives`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: new Uint8Array(body),
  });
}

async function uploaded(): Promise<string> {
  const response = await upload(madeWith(tarGz));
  expect(response.status).toBe(201);
  return ((await response.json()) as SourceArchive).sha256;
}

const jobFrom = (archive: string, rest: object = {}) =>
  submitJob(server, { executor: { type: 'noop' }, source: { type: 'archive', sha256: archive }, ...rest });

async function countPieces(): Promise<number> {
  const { rows } = await client.query<{ n: number }>('SELECT count(*) AS n FROM source_archive_pieces');
  return rows[0]!.n;
}

describe('an archive', () => {
  test.each([
    ['tar.gz', 'application/gzip', tarGz],
    ['tar', 'application/x-tar', tar],
    ['zip', 'application/zip', zip],
    // whatever is said, the bytes decide
    ['zip', 'application/gzip', zip],
  ] as const)('%s is kept by its bytes, sealed', async (format, type, make) => {
    const bytes = Buffer.concat([madeWith((entries) => make([...entries, { name: 'planted.txt' }]), 600_000)]);
    const first = await upload(bytes, type);
    expect(first.status).toBe(201);
    const archive = (await first.json()) as SourceArchive;
    expect(archive).toMatchObject({ sha256: sha256(bytes), bytes: bytes.length, format, uploadedBy: 'test-owner' });
    const pieces = await countPieces();
    const again = await upload(bytes, type);
    expect([again.status, await again.json()]).toEqual([200, archive]);
    expect(await countPieces()).toBe(pieces);
    expect((await server.request('GET', `/api/v1/source-archives/${archive.sha256}`)).body).toEqual(archive);
    const { rows } = await client.query<{ sealed: Buffer }>('SELECT sealed FROM source_archive_pieces');
    expect(rows.some(({ sealed }) => sealed.includes('planted'))).toBe(false);

    const { token: foreign } = await makeTenant(client);
    const path = `/api/v1/source-archives/${archive.sha256}`;
    expect((await server.request('GET', path, undefined, { token: foreign })).status).toBe(404);
  });

  test.each([
    ['a way out', () => tarGz([{ name: '../evil' }]), 422, /archive_refused.*\\"\.\.\/evil\\"/],
    ['a way out of a zip', () => zip([{ name: '/etc/evil' }]), 422, /archive_refused.*is absolute/],
    ['what is no archive', () => Buffer.from('hello'), 422, /archive_refused.*tar, tar.gz \(gzip\) and zip/],
    ['nothing', () => Buffer.alloc(0), 400, /archive_empty|malformed/],
  ])('is refused with %s, and nothing of it is kept', async (_what, make, status, why) => {
    const pieces = await countPieces();
    const response = await upload(make());
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(why)]);
    expect(await countPieces()).toBe(pieces);
  });

  test('must be there when it is named, and of the same organization', async () => {
    const missing = 'a'.repeat(64);
    const { token: foreign } = await makeTenant(client);
    const steps = [{ run: 'true' }];
    const source = { type: 'archive', sha256: missing };
    const calls: [string, string, object, string?][] = [
      ['POST', '/api/v1/jobs', { steps, source }],
      ['POST', '/api/v1/jobs/bulk', { jobs: [{ steps, source }] }],
      ['PATCH', `/api/v1/modules/${scope.moduleId}`, { settings: { source } }],
      ['PATCH', '/api/v1/organization/module-settings', { settings: { source } }],
      ['POST', '/api/v1/jobs', { steps, source: { ...source, sha256: await uploaded() } }, foreign],
    ];
    for (const [method, path, body, as = token] of calls) {
      const { status, body: problem } = await server.request<Problem>(method, path, body, { token: as });
      expect([status, problem.code]).toEqual([422, 'unknown_archive']);
      expect(problem.errors?.[0]?.path).toMatch(/source\.sha256$/);
    }
    const wrong = await server.request<Problem>('POST', '/api/v1/jobs', { steps, source: { ...source, type: 'svn' } });
    expect([wrong.status, JSON.stringify(wrong.body.errors)]).toEqual([
      400,
      expect.stringContaining('one of: git, archive'),
    ]);
    const short = await server.request<Problem>('POST', '/api/v1/jobs', { steps, source: { ...source, sha256: 'a' } });
    expect([short.status, short.body.detail]).toEqual([400, expect.stringContaining('64 hexadecimal digits')]);
  });

  test('goes to the runner of a job that has it, and to nobody else', async () => {
    const bytes = madeWith(zip, 600_000);
    await upload(bytes);
    const job = await worker.fake.take(await jobFrom(sha256(bytes).toUpperCase(), { scope }));
    expect(job.spec.source).toEqual({ type: 'archive', sha256: sha256(bytes), path: null });
    const given = await callFile(server, 'GET', 'source', job, { token: worker.token });
    expect(given.headers.get('content-length')).toBe(String(bytes.length));
    expect(Buffer.from(await given.arrayBuffer()).equals(bytes)).toBe(true);
    const fenced = await callFile(server, 'GET', 'source', job, { token: worker.token, claimToken: 'another' });
    expect(fenced.status).toBe(403);
    const plain = await worker.fake.take(await submitJob(server, { executor: { type: 'noop' }, scope }));
    const none = await callFile(server, 'GET', 'source', plain, { token: worker.token });
    expect([none.status, ((await none.json()) as Problem).code]).toEqual([404, 'no_archive']);
    await worker.fake.finishAll([succeeded(job), succeeded(plain)]);
  });

  test('is removed a day after nothing refers to it any more', async () => {
    const [unused, set, queued, planned] = [await uploaded(), await uploaded(), await uploaded(), await uploaded()];
    const own = `/api/v1/modules/${scope.moduleId}`;
    await server.request('PATCH', own, { settings: { source: { type: 'archive', sha256: set } } });
    const nobody = { requires: { labels: { nobody: 'has-it' } } };
    const waiting = await jobFrom(queued, nobody);
    const ended = await jobFrom(planned, nobody);
    await server.request('POST', `/api/v1/jobs/${ended}/cancel`, {});
    const runId = randomUUID();
    await client.query(
      `INSERT INTO module_runs (id, organization_id, module_id, operation, state, trigger, first_job_id, hooks,
         approval_rule, approval_seconds, approval_expires_at, created_by)
       VALUES ($1, $2, $3, 'apply', 'awaiting_approval', 'request', $4, '{}', 'always', 3600,
         clock_timestamp() + interval '30 days', 'ada')`,
      [runId, await defaultOrganization(client), scope.moduleId, ended],
    );
    const sweep = server.app.get(SourceArchiveSweep, { strict: false });
    const left = async (afterHours: number): Promise<string[]> => {
      await sweep.sweep(Date.now() + afterHours * HOUR_MS);
      const all = [unused, set, queued, planned];
      const found = await Promise.all(all.map((each) => server.request('GET', `/api/v1/source-archives/${each}`)));
      return all.filter((_, index) => found[index]!.status === 200);
    };
    expect(await left(23)).toEqual([unused, set, queued, planned]);
    expect(await left(25)).toEqual([set, queued, planned]);

    await server.request('PATCH', own, { settings: { source: null } });
    await server.request<JobSummary>('POST', `/api/v1/jobs/${waiting}/cancel`, {});
    await client.query('DELETE FROM module_runs WHERE id = $1', [runId]);
    // it was referred to an hour ago
    expect(await left(26)).toEqual([set, queued, planned]);
    const pieces = await countPieces();
    expect(await left(50)).toEqual([]);
    expect(await countPieces()).toBeLessThan(pieces);
    const retried = await server.request<Problem>('POST', `/api/v1/jobs/${waiting}/retry`, {});
    expect([retried.status, retried.body.code]).toEqual([422, 'unknown_archive']);
  });
});
