import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { insertInstance, insertRunningJob } from '../support/access-fixtures.js';
import { describedSuccesses, deviations, type OpenApiDocument } from '../support/described-answers.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

type Call = readonly [method: string, path: string, body?: unknown];

/** What stands in braces in the paths and bodies of calls. */
type Filled = 'runner' | 'principal' | 'user' | 'job' | 'fingerprint' | 'stack' | 'module';

const UNKNOWN = '00000000-0000-7000-8000-000000000000';
const LANE = 'L'.repeat(32);
const CALLS: readonly Call[] = [
  ['POST', '/api/v1/pauses', { target: { type: 'lane', id: LANE }, note: 'audit' }],
  ['GET', '/api/v1/pauses'],
  ['POST', '/api/v1/maintenance', { note: 'new disk' }],
  ['GET', '/api/v1/maintenance'],
  ['DELETE', '/api/v1/maintenance'],
  ['POST', '/api/v1/runners', { name: 'another' }],
  ['POST', '/api/v1/runners/register', { name: 'third', instance: 'i-0' }],
  ['GET', '/api/v1/runners'],
  ['GET', '/api/v1/runners/{runner}'],
  ['PATCH', '/api/v1/runners/{runner}', { priority: 1 }],
  ['GET', '/api/v1/runners/{runner}/instances'],
  ['POST', '/api/v1/runners/{runner}/instances/i-0/drain', { deadlineSeconds: 60 }],
  ['DELETE', '/api/v1/runners/{runner}/instances/i-0/drain'],
  ['POST', '/api/v1/runners/{runner}/drain'],
  ['DELETE', '/api/v1/runners/{runner}/drain'],
  ['GET', '/api/v1/runners/{runner}/assignments'],
  ['PATCH', '/api/v1/organization/module-settings', { settings: { engine: { name: 'tofu' } } }],
  ['GET', '/api/v1/organization/module-settings'],
  ['POST', '/api/v1/stacks', { name: 'stage', settings: { placement: {}, labels: { zone: 'eu' } } }],
  ['GET', '/api/v1/stacks'],
  ['GET', '/api/v1/stacks/{stack}/namespaces'],
  [
    'PATCH',
    '/api/v1/modules/{module}',
    {
      settings: {
        engine: { name: 'tofu' },
        variables: { zone: { type: 'literal', value: 'eu' } },
        files: { 'main.tf': { type: 'text', content: '' } },
        hooks: { 'before:plan': { type: 'script', run: 'true' } },
      },
    },
  ],
  ['GET', '/api/v1/modules/{module}'],
  ['GET', '/api/v1/modules/{module}/effective'],
  ['GET', '/api/v1/modules/{module}/outputs'],
  ['GET', '/api/v1/modules/{module}/outputs/versions'],
  ['POST', '/api/v1/modules/{module}/runs', { operation: 'plan' }],
  ['GET', '/api/v1/modules/{module}/runs'],
  ['POST', '/api/v1/stacks/{stack}/runs', { operation: 'plan' }],
  ['GET', '/api/v1/stacks/{stack}/runs'],
  ['GET', '/api/v1/stacks/{stack}/graph'],
  ['PUT', '/api/v1/modules/{module}/definition', { version: 1, kind: 'module' }],
  ['GET', '/api/v1/jobs'],
  ['POST', '/api/v1/jobs/bulk/cancel', { ids: ['{job}', UNKNOWN] }],
  ['POST', '/api/v1/jobs/bulk/retry', { ids: ['{job}', UNKNOWN] }],
  ['POST', '/api/v1/job-views', { name: 'failed', query: 'state=failed' }],
  ['GET', '/api/v1/job-views'],
  ['GET', '/api/v1/runners/{runner}/instances/i-0/connections'],
  ['GET', '/api/v1/jobs/{job}'],
  ['GET', '/api/v1/jobs/{job}/timeline'],
  ['GET', '/api/v1/jobs/{job}/explain'],
  ['POST', '/api/v1/jobs/explain', { steps: [{ run: 'true' }], fanOut: true, concurrency: { key: 'deploy' } }],
  ['GET', '/api/v1/jobs/{job}/logs?format=json'],
  ['GET', '/api/v1/jobs/{job}/first-error'],
  ['GET', '/api/v1/logs/search?q=x'],
  ['GET', '/api/v1/logs/errors/{fingerprint}/jobs'],
  ['GET', '/api/v1/organization'],
  ['GET', '/api/v1/organization/overview'],
  ['GET', '/api/v1/session'],
  ['POST', '/api/v1/api-tokens', { name: 'pipeline', role: 'viewer' }],
  ['GET', '/api/v1/api-tokens'],
  ['GET', '/api/v1/users'],
  ['GET', '/api/v1/users/{user}'],
  ['GET', '/api/v1/service-principals'],
  ['GET', '/api/v1/service-principals/{principal}'],
  ['POST', '/api/v1/service-principals/{principal}/rotate-secret', {}],
  ['GET', '/api/v1/audit'],
  ['POST', '/api/v1/live/ticket'],
  ['GET', '/health/ready'],
];

let server: TestServer;
let document: OpenApiDocument;

beforeAll(async () => {
  // at full scale, so that nobody goes offline while a test looks
  server = await startTestServer({ TIME_SCALE: '1' });
  document = (await server.request<OpenApiDocument>('GET', '/api/openapi.json')).body;
});
afterAll(() => server.stop());

test('every operation describes a success: its status, and what the answer holds unless it is 204', () => {
  const operations = describedSuccesses(document);
  expect(operations.length).toBeGreaterThan(40);
  const undescribed = operations.filter(
    ({ successes }) =>
      successes.length === 0 ||
      successes.some(({ status, schemas }) =>
        status === '204' ? schemas.length > 0 : schemas.length === 0 || schemas.includes(undefined),
      ),
  );
  expect(undescribed).toEqual([]);
});

describe('real answers are as they are described', () => {
  let ids: Readonly<Record<Filled, string>>;

  beforeAll(async () => {
    const made = async (path: string, body: unknown): Promise<string> =>
      (await server.request<{ id: string }>('POST', path, body)).body.id;
    const runner = await made('/api/v1/runners', { name: 'pool' });
    const instance = await insertInstance(server.databaseUrl, runner, 'i-0', {
      connected: true,
      lastSeenSecondsAgo: 0,
    });
    await insertRunningJob(server.databaseUrl, runner, instance);
    const stack = await made('/api/v1/stacks', { name: 'prod' });
    const namespace = await made(`/api/v1/stacks/${stack}/namespaces`, { name: 'network' });
    ids = {
      runner,
      stack,
      module: await made(`/api/v1/namespaces/${namespace}/modules`, { name: 'vpc' }),
      principal: await made('/api/v1/service-principals', { name: 'ci', role: 'viewer' }),
      user: await made('/api/v1/users', { email: 'jo@test.example', password: 'correct horse', role: 'viewer' }),
      job: await made('/api/v1/jobs', { steps: [{ run: 'true' }] }),
      fingerprint: '0'.repeat(32),
    };
    await made('/api/v1/jobs', { steps: [{ run: 'true' }], fanOut: true, concurrency: { key: 'deploy' } });
  });

  test.each(CALLS)('%s %s', async (...[method, path, body]) => {
    const [route = ''] = path.split('?');
    const operation = document.paths[describedPath(route)]?.[method.toLowerCase()];
    const fill = (text: string): string => text.replaceAll(/\{(\w+)\}/g, (found, name: Filled) => ids[name] ?? found);
    const filled = body === undefined ? undefined : (JSON.parse(fill(JSON.stringify(body))) as unknown);
    const answer = await server.request(method, fill(path), filled);
    const content = operation?.responses[String(answer.status)]?.content ?? {};
    const schema = content['application/json']?.schema;
    expect([answer.status, schema === undefined]).toEqual([answer.status, false]);
    expect(deviations(document, schema!, answer.body)).toEqual([]);
  });
});

/** The path as the document names it: whatever its parameters are called there. */
function describedPath(path: string): string {
  const shape = (text: string): string => text.replaceAll(/\{\w+\}/g, '{}');
  const wanted = shape(path.replace('/i-0/', '/{}/'));
  const found = Object.keys(document.paths).find((known) => shape(known) === wanted);
  if (found === undefined) throw new Error(`${path} is not described`);
  return found;
}
