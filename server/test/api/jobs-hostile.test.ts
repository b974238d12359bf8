import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { Problem } from '@dibs/shared';
import { connect } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const step = { run: 'true' };
const hello = { steps: [step] };
const uuid = '0197a000-0000-7000-8000-000000000001';
const git = (more: object) => ({ ...hello, source: { type: 'git', url: 'https://example.com/x.git', ...more } });
const manyEntries = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`A${index}`, 'x']));

/** As callers were promised it. */
const CONTRACT_EXAMPLE = {
  name: 'build',
  steps: [{ name: 'test', run: 'npm test', shell: 'bash', timeoutSeconds: 600 }],
  env: { CI: 'true' },
  secrets: { TOKEN: 'a-secret-value' },
  source: { type: 'git', url: 'https://example.com/x.git', revision: 'main', path: 'sub/dir', depth: 1 },
  files: [{ path: 'input.json', content: '{}' }],
  executor: { type: 'shell' },
  requires: { tools: ['terraform'], labels: { zone: 'eu' } },
  runner: 'build-pool',
  instance: 'build-pool-0',
  priority: 0,
  timeoutSeconds: 3600,
  queueTimeoutSeconds: 86_400,
  onLost: 'requeue',
  maxAttempts: 3,
  retry: { maxAttempts: 1, onExitCodes: [75] },
  concurrency: { key: 'deploy-prod', limit: 1 },
};

let server: TestServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startTestServer();
  client = await connect(server.databaseUrl);
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

async function countJobs(): Promise<number> {
  const { rows } = await client.query<{ jobs: number }>('SELECT count(*)::int AS jobs FROM jobs');
  return rows[0]!.jobs;
}

/** Body → where the problem is. */
const REFUSED: [string, unknown, string][] = [
  ['an empty object', {}, 'steps'],
  ['a property that every object has', { ...hello, toString: 'x' }, 'toString'],
  ['such a property of a step', { steps: [{ ...step, hasOwnProperty: 1 }] }, 'steps[0].hasOwnProperty'],
  ['no steps', { steps: [] }, 'steps'],
  ['steps that are no array', { steps: { 0: step, length: 1 } }, 'steps'],
  ['101 steps', { steps: Array(101).fill(step) }, 'steps'],
  ['a step that is null', { steps: [null] }, 'steps'],
  ['a step that is a text', { steps: ['true'] }, 'steps'],
  ['a step that is an array', { steps: [[step]] }, 'steps'],
  ['a step without run', { steps: [{ name: 'x' }] }, 'steps[0].run'],
  ['an empty run', { steps: [{ run: '  ' }] }, 'steps[0].run'],
  ['a run of another type', { steps: [{ run: ['rm', '-rf'] }] }, 'steps[0].run'],
  ['a run that is too long', { steps: [{ run: 'x'.repeat(65_537) }] }, 'steps[0].run'],
  ['an unknown shell', { steps: [{ ...step, shell: 'python' }] }, 'steps[0].shell'],
  ['a step timeout of 0', { steps: [{ ...step, timeoutSeconds: 0 }] }, 'steps[0].timeoutSeconds'],
  ['an unknown property of a step', { steps: [{ ...step, privileged: true }] }, 'steps[0].privileged'],
  ['an unknown property', { ...hello, foo: 1 }, 'foo'],
  ['an organization', { ...hello, organizationId: '0197a000-0000-7000-8000-000000000001' }, 'organizationId'],
  ['a state', { ...hello, state: 'succeeded' }, 'state'],
  ['an id', { ...hello, id: '0197a000-0000-7000-8000-000000000001' }, 'id'],
  ['a lane', { ...hello, lane: 'x' }, 'lane'],
  ['a name with escape sequences', { ...hello, name: '\u001b[2J' }, 'name'],
  ['an empty name', { ...hello, name: '' }, 'name'],
  ['a name that is too long', { ...hello, name: 'x'.repeat(201) }, 'name'],
  ['a name that is a number', { ...hello, name: 1 }, 'name'],
  ['LD_PRELOAD', { ...hello, env: { LD_PRELOAD: '/tmp/x.so' } }, 'env'],
  ['NODE_OPTIONS', { ...hello, env: { NODE_OPTIONS: '--require x' } }, 'env'],
  ['BASH_ENV as a secret', { ...hello, secrets: { BASH_ENV: '/tmp/x.sh' } }, 'secrets'],
  ['GIT_SSH_COMMAND', { ...hello, env: { GIT_SSH_COMMAND: 'sh' } }, 'env'],
  ['DIBS_JOB_ID', { ...hello, env: { DIBS_JOB_ID: 'x' } }, 'env'],
  ['a name of the environment that is none', { ...hello, env: { 'A=B': 'x' } }, 'env'],
  ['an environment that is an array', { ...hello, env: ['A=1'] }, 'env'],
  ['a number in the environment', { ...hello, env: { A: 1 } }, 'env'],
  ['too many variables', { ...hello, env: manyEntries }, 'env'],
  ['a secret that is too short', { ...hello, secrets: { TOKEN: 'abc' } }, 'secrets'],
  ['a file outside', { ...hello, files: [{ path: '../x', content: '' }] }, 'files'],
  ['an absolute file', { ...hello, files: [{ path: '/etc/cron.d/x', content: '' }] }, 'files'],
  ['a git hook', { ...hello, files: [{ path: '.git/hooks/post-checkout', content: '' }] }, 'files'],
  ['a backslash path', { ...hello, files: [{ path: '..\\x', content: '' }] }, 'files'],
  ['a file with a mode', { ...hello, files: [{ path: 'x', content: '', mode: 511 }] }, 'files'],
  ['too many bytes of files', { ...hello, files: [{ path: 'x', content: 'x'.repeat(524_289) }] }, 'files'],
  ['an ext:: source', git({ url: 'ext::sh -c id' }), 'source.url'],
  ['a file: source', git({ url: 'file:///etc' }), 'source.url'],
  ['an option as url', git({ url: '--upload-pack=id' }), 'source.url'],
  ['credentials in the url', git({ url: 'https://user:secret-password@example.com/x' }), 'source.url'],
  ['an option as revision', git({ revision: '--upload-pack=id' }), 'source.revision'],
  ['a path outside of the source', git({ path: '../..' }), 'source.path'],
  ['a depth of 0', git({ depth: 0 }), 'source.depth'],
  ['submodules', git({ submodules: true }), 'source.submodules'],
  ['another kind of source', git({ type: 'svn' }), 'source.type'],
  ['a source that is an array', { ...hello, source: [] }, 'source'],
  ['the docker executor', { ...hello, executor: { type: 'docker' } }, 'executor.type'],
  ['an image', { ...hello, executor: { type: 'shell', image: 'alpine' } }, 'executor.image'],
  ['a tool that is a path', { ...hello, requires: { tools: ['/bin/sh'] } }, 'requires.tools'],
  ['labels that are a list', { ...hello, requires: { labels: ['a'] } }, 'requires.labels'],
  ['a runner that is a number', { ...hello, runner: 5 }, 'runner'],
  ['priority 1001', { ...hello, priority: 1001 }, 'priority'],
  ['priority 1.5', { ...hello, priority: 1.5 }, 'priority'],
  ['a priority that is a text', { ...hello, priority: '5' }, 'priority'],
  ['an absurd timeout', { ...hello, timeoutSeconds: 1e12 }, 'timeoutSeconds'],
  ['a negative queue timeout', { ...hello, queueTimeoutSeconds: -1 }, 'queueTimeoutSeconds'],
  ['21 attempts', { ...hello, maxAttempts: 21 }, 'maxAttempts'],
  ['0 attempts', { ...hello, maxAttempts: 0 }, 'maxAttempts'],
  ['an unknown onLost', { ...hello, onLost: 'ignore' }, 'onLost'],
  ['0 slots', { ...hello, slots: 0 }, 'slots'],
  ['65 slots', { ...hello, slots: 65 }, 'slots'],
  ['a retry that is a number', { ...hello, retry: 3 }, 'retry'],
  ['a retry that is a list', { ...hello, retry: [] }, 'retry'],
  ['21 attempts of a retry', { ...hello, retry: { maxAttempts: 21 } }, 'retry.maxAttempts'],
  ['exit code 256', { ...hello, retry: { onExitCodes: [256] } }, 'retry.onExitCodes'],
  ['an exit code that is a text', { ...hello, retry: { onExitCodes: ['1'] } }, 'retry.onExitCodes'],
  ['exit codes as an object', { ...hello, retry: { onExitCodes: { 0: 1, length: 1 } } }, 'retry.onExitCodes'],
  ['51 exit codes', { ...hello, retry: { onExitCodes: Array(51).fill(1) } }, 'retry.onExitCodes'],
  ['a retry of a success', { ...hello, retry: { onReasons: ['completed'] } }, 'retry.onReasons'],
  ['a retry of a cancel', { ...hello, retry: { onReasons: ['canceled'] } }, 'retry.onReasons'],
  ['a retry of a loss', { ...hello, retry: { onReasons: ['lease_expired'] } }, 'retry.onReasons'],
  ['an unknown reason', { ...hello, retry: { onReasons: ['toString'] } }, 'retry.onReasons'],
  ['a reason that is a text', { ...hello, retry: { onReasons: 'step_failed' } }, 'retry.onReasons'],
  ['a back-off of more than an hour', { ...hello, retry: { backoffSeconds: 3601 } }, 'retry.backoffSeconds'],
  ['a negative back-off', { ...hello, retry: { backoffSeconds: -1 } }, 'retry.backoffSeconds'],
  ['an unknown property of retry', { ...hello, retry: { jitter: true } }, 'retry.jitter'],
  ['a concurrency that is a text', { ...hello, concurrency: 'deploy' }, 'concurrency'],
  ['a group without a key', { ...hello, concurrency: { limit: 1 } }, 'concurrency.key'],
  ['an empty key', { ...hello, concurrency: { key: '' } }, 'concurrency.key'],
  ['a key with control characters', { ...hello, concurrency: { key: 'a\nb' } }, 'concurrency.key'],
  ['a key that is too long', { ...hello, concurrency: { key: 'x'.repeat(201) } }, 'concurrency.key'],
  ['a limit of 0', { ...hello, concurrency: { key: 'x', limit: 0 } }, 'concurrency.limit'],
  ['a limit of 1001', { ...hello, concurrency: { key: 'x', limit: 1001 } }, 'concurrency.limit'],
  ['an unknown supersede', { ...hello, concurrency: { key: 'x', supersede: 'running' } }, 'concurrency.supersede'],
  ['a fan-out that is a number', { ...hello, fanOut: 5 }, 'fanOut'],
  ['a batch of 0', { ...hello, fanOut: { batchSize: 0 } }, 'fanOut'],
  ['a batch of 1001', { ...hello, fanOut: { batchSize: 1001 } }, 'fanOut'],
  ['an unknown property of fanOut', { ...hello, fanOut: { hasOwnProperty: 1 } }, 'fanOut'],
  ['offline instances that are killed', { ...hello, fanOut: { offline: 'kill' } }, 'fanOut'],
  ['a scope without a stack', { ...hello, scope: {} }, 'scope.stackId'],
  ['a stack that is no id', { ...hello, scope: { stackId: 'x' } }, 'scope.stackId'],
  ['a namespace that is no id', { ...hello, scope: { stackId: uuid, namespaceId: 5 } }, 'scope.namespaceId'],
  ['a module outside of a namespace', { ...hello, scope: { stackId: uuid, moduleId: uuid } }, 'scope.moduleId'],
];

describe('bodies that are refused', () => {
  test.each(REFUSED)('%s', async (_what, body, path) => {
    const before = await countJobs();
    const response = await server.request<Problem>('POST', '/api/v1/jobs', body);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.body.errors?.[0]?.path).toBe(path);
    expect(response.body.errors?.every((error) => error.path.startsWith(path))).toBe(true);
    expect(response.body.errors?.[0]?.message).not.toBe('');
    expect(JSON.stringify(response.body)).not.toContain('secret-password');
    expect(await countJobs()).toBe(before);
  });

  test.each<[string, string]>([
    ['no JSON', '{"steps":['],
    ['an array', JSON.stringify([hello])],
    ['a text', '"x"'],
    ['a number', '5'],
    ['null', 'null'],
    ['nothing', ''],
    ['__proto__', '{"steps":[{"run":"true"}],"__proto__":{"state":"x"}}'],
    ['__proto__ in a step', '{"steps":[{"run":"true","__proto__":{"x":1}}]}'],
    ['constructor', '{"steps":[{"run":"true"}],"constructor":1}'],
    ['constructor in the environment', '{"steps":[{"run":"true"}],"env":{"constructor":"x"}}'],
    ['NUL in a script', '{"steps":[{"run":"a\\u0000b"}]}'],
    ['NUL in an environment value', '{"steps":[{"run":"x"}],"env":{"A":"\\u0000"}}'],
    ['half a surrogate pair', '{"steps":[{"run":"\\ud800"}]}'],
    ['depth', `{"steps":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])('%s', async (_what, text) => {
    const before = await countJobs();
    const response = await server.request<Problem>('POST', '/api/v1/jobs', text, {
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(response.body.code).toEqual(expect.any(String));
    expect(await countJobs()).toBe(before);
  });

  test.each([[[hello, [hello]]], [[null]], [{ 0: hello }], [[]], [Array(1001).fill(hello)]])(
    'bulk %#',
    async (jobs) => {
      const before = await countJobs();
      expect((await server.request('POST', '/api/v1/jobs/bulk', { jobs })).status).toBe(400);
      expect(await countJobs()).toBe(before);
    },
  );

  test('a body that is too large', async () => {
    const response = await server.request('POST', '/api/v1/jobs', { ...hello, name: 'x'.repeat(2_000_000) });
    expect(response.status).toBe(413);
  });

  test('a body that is no JSON by its type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      const response = await server.request('POST', '/api/v1/jobs', JSON.stringify(hello), {
        headers: { 'content-type': type },
      });
      expect(response.status).toBe(415);
    }
  });

  test('one bad job among good ones of the same moment', async () => {
    const bodies = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? { ...hello, foo: 1 } : hello));
    const responses = await Promise.all(bodies.map((body) => server.request('POST', '/api/v1/jobs', body)));
    expect(responses.map((response) => response.status)).toEqual(
      bodies.map((_, index) => (index % 3 === 0 ? 400 : 201)),
    );
  });
});

describe('calls that take no body', () => {
  test.each(['/api/v1/live/ticket', '/api/v1/jobs/0197a000-0000-7000-8000-000000000001/retry'])(
    '%s refuses properties that it would ignore',
    async (path) => {
      const { status, body } = await server.request<Problem>('POST', path, { env: { A: '1' } });
      expect({ status, path: body.errors?.[0]?.path }).toEqual({ status: 400, path: 'env' });
      expect((await server.request('POST', path, {})).status).not.toBe(400);
    },
  );
});

describe('bodies at the limit that are taken', () => {
  test.each<[string, object]>([
    ['100 steps', { steps: Array(100).fill(step) }],
    ['the longest run', { steps: [{ run: 'x'.repeat(65_536) }] }],
    ['odd names of the environment', { ...hello, env: { toString: 'x', __x: 'y', hasOwnProperty: 'z' } }],
    ['any text', { ...hello, name: '名前 "\'\\ <b>', env: { A: 'line\nline\t\u001b[31m\u202e' } }],
    ['the most bytes of files', { ...hello, files: [{ path: 'x', content: 'x'.repeat(524_288) }] }],
    ['every exit code a job may name', { ...hello, retry: { onExitCodes: [...Array(50).keys()], maxAttempts: 20 } }],
    ['the longest key', { ...hello, concurrency: { key: '鍵'.repeat(200), limit: 1000, supersede: 'all' } }],
    ['64 slots', { ...hello, slots: 64 }],
    ['everything the documentation shows', CONTRACT_EXAMPLE],
    ['onLost: wait', { ...hello, onLost: 'wait' }],
    ['the noop executor', { ...hello, executor: { type: 'noop' } }],
    [
      'null inside what may be left out',
      { ...hello, retry: { maxAttempts: null }, concurrency: { key: 'x', limit: null } },
    ],
    ['null for what may be left out', { ...hello, name: null, env: null, source: null, priority: null }],
  ])('%s', async (_what, body) => {
    const response = await server.request<{ id: string }>('POST', '/api/v1/jobs', body);
    expect(response.status).toBe(201);
    const { body: job } = await server.request<{ spec: { env: object } }>('GET', `/api/v1/jobs/${response.body.id}`);
    if ('env' in body && body.env !== null) expect(job.spec.env).toEqual(body.env);
  });
});
