import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Problem } from '@dibs/shared';
import { startServer, type RunningServer } from '../../src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let server: RunningServer;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer({
    PORT: '0',
    DATABASE_URL: database.url,
    DIBS_DATABASE_POOL_SIZE: '4',
    DIBS_ENCRYPTION_KEY: 'k'.repeat(32),
    TIME_SCALE: '0.05',
    LOG_LEVEL: 'silent',
  });
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

async function ask(method: string, path: string, init: RequestInit = {}) {
  const response = await fetch(server.url + path, { method, ...init });
  const text = await response.text();
  return { response, status: response.status, text, problem: () => JSON.parse(text) as Problem };
}

/** Sends bytes as they are: what no HTTP library would. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

const PUBLIC = new Set([
  'POST /connect/token',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
  'POST /api/v1/session',
  'GET /api/openapi.json',
  'GET /api/docs',
  'GET /api/docs/:file',
]);

describe('every route', () => {
  test('needs credentials, unless it is one of the few public ones', async () => {
    const routes = server.routes.routes.filter(({ method }) => method !== 'HEAD');
    const guarded = routes.filter(({ method, path }) => !PUBLIC.has(`${method} ${path}`));
    // the guard would pass an empty list too
    expect(guarded.length).toBeGreaterThan(25);
    expect(routes.length - guarded.length).toBe(PUBLIC.size);
    for (const { method, path } of guarded) {
      const url = path.replaceAll(/:\w+/g, '0198c0de-0000-7000-8000-000000000001');
      const { status, problem } = await ask(method, url);
      expect([method, path, status, problem().code]).toEqual([method, path, 401, 'unauthenticated']);
    }
  });
});

describe('a request that is wrong gets problem+json', () => {
  test.each([
    ['an unknown path', 'GET', '/nope', {}, 404, 'not_found'],
    ['an unknown path below the API', 'POST', '/api/v1/nope', {}, 404, 'not_found'],
    ['another method', 'DELETE', '/api/v1/runners', {}, 405, 'method_not_allowed'],
    ['a NUL in the path', 'GET', '/api/v1/runners/%00', {}, 400, 'forbidden_character'],
    ['a broken escape in the path', 'GET', '/api/v1/runners/%ZZ', {}, 400, 'malformed_request'],
    ['another spelling of the path', 'GET', '/API/V1/runners', {}, 404, 'not_found'],
    ['a path that climbs', 'GET', '/api/docs/..%2f..%2fpackage.json', {}, 404, 'not_found'],
    ['broken JSON', 'POST', '/api/v1/session', json('{"email":'), 400, 'malformed_json'],
    ['a dangerous key', 'POST', '/api/v1/session', json('{"__proto__":{}}'), 400, 'forbidden_property'],
    ['a key that every object has', 'POST', '/api/v1/session', json('{"toString":1}'), 400, 'validation_failed'],
    ['a body nested too deep', 'POST', '/api/v1/session', json('['.repeat(50)), 400, 'malformed_json'],
    ['no body', 'POST', '/api/v1/session', {}, 400, 'validation_failed'],
    ['an array for a body', 'POST', '/api/v1/session', json('[]'), 400, 'validation_failed'],
    ['a string for a body', 'POST', '/api/v1/session', json('"x"'), 400, 'validation_failed'],
    ['null for a body', 'POST', '/api/v1/session', json('null'), 400, 'validation_failed'],
    ['a form to nowhere', 'POST', '/connect/token/', { body: new URLSearchParams('a=b') }, 404, 'not_found'],
    ['a path too long', 'GET', `/api/v1/runners/${'x'.repeat(500)}`, {}, 414, 'url_too_long'],
    ['a compressed body', 'POST', '/api/v1/session', encoded('gzip'), 415, 'unsupported_encoding'],
    ['a form', 'POST', '/api/v1/session', { body: new URLSearchParams('a=b') }, 415, 'unsupported_media_type'],
    ['plain text', 'POST', '/api/v1/session', { body: 'x' }, 415, 'unsupported_media_type'],
    ['a body too large', 'POST', '/api/v1/session', json(`"${'x'.repeat(1_100_000)}"`), 413, 'body_too_large'],
  ] as [string, string, string, RequestInit, number, string][])(
    '%s',
    async (_what, method, path, init, status, code) => {
      const { response, problem } = await ask(method, path, init);
      expect([response.status, problem().code]).toEqual([status, code]);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(problem()).toMatchObject({ status, type: 'about:blank', title: expect.any(String) });
      expect(problem().requestId).toMatch(/^[0-9a-f-]{36}$/);
      expect(problem().detail).not.toMatch(/at .+:\d+/);
    },
  );

  test('two Authorization headers: whoever looks at the other one would be fooled', async () => {
    const answer = await raw(
      'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('what is wrong is told in words, too', async () => {
    const { problem } = await ask('POST', '/api/v1/session', json('{"email":"a","passwort":"b"}'));
    expect(problem().errors).toContainEqual({ path: 'passwort', message: 'passwort is not known here' });
    expect(problem().detail).toMatch(/^passwort is not known here \(and 1 more: see errors\)\.$/);
    const none = await ask('POST', '/api/v1/session', json('[]'));
    expect(none.problem().detail).toBe('The body must be a JSON object.');
  });

  test('a wrong method is told the right ones', async () => {
    const { response } = await ask('DELETE', '/api/v1/runners');
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  test('bytes that are no HTTP', async () => {
    const answer = await raw('GET / HTTP/9.9\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/application\/problem\+json/);
  });

  test('headers beyond all measure', async () => {
    const answer = await raw(`GET /health/live HTTP/1.1\r\nHost: x\r\nx-long: ${'x'.repeat(40_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('a password never comes back in the answer', async () => {
    const { text } = await ask('POST', '/api/v1/session', json('{"email":5,"password":"hunter2-hunter2","x":1}'));
    expect(text).not.toContain('hunter2');
  });
});

function encoded(encoding: string): RequestInit {
  return { body: '{}', headers: { 'content-type': 'application/json', 'content-encoding': encoding } };
}

function json(body: string): RequestInit {
  return { body, headers: { 'content-type': 'application/json' } };
}

describe('every answer', () => {
  test('carries its request id, the one in the problem, whatever the caller sent', async () => {
    const { response, problem } = await ask('GET', '/nope', { headers: { 'x-request-id': 'mine' } });
    expect(response.headers.get('x-request-id')).toBe(problem().requestId);
  });

  test('keeps browsers from guessing, framing and scripting', async () => {
    const { response } = await ask('GET', '/health/live');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('keeps the connection for load balancers', async () => {
    const answer = await new Promise<unknown>((resolve, reject) => {
      const request = httpRequest(
        `${server.url}/health/live`,
        { headers: { connection: 'keep-alive' } },
        (response) => {
          response.resume();
          resolve(response.headers['keep-alive']);
        },
      );
      request.on('error', reject).end();
    });
    expect(answer).toBe('timeout=75');
  });
});

describe('operations', () => {
  test('health, metrics and documentation answer', async () => {
    expect((await ask('GET', '/health/live')).text).toBe('{"status":"ok"}');
    expect((await ask('GET', '/health/ready')).text).toBe('{"status":"ok"}');
    const metrics = await ask('GET', '/metrics');
    expect(metrics.response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toMatch(
      /dibs_http_request_seconds_count\{method="GET",route="\/health\/ready",status="200"\} \d/,
    );
    expect(metrics.text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect((await ask('GET', '/api/docs')).text).toContain('/api/docs/start.js');
    expect((await ask('GET', '/api/docs/swagger-ui-bundle.js')).text.length).toBeGreaterThan(100_000);
  });

  test('the OpenAPI document describes every route and its credentials', async () => {
    const { text } = await ask('GET', '/api/openapi.json');
    const document = JSON.parse(text) as {
      paths: Record<string, Record<string, { security?: unknown[] }>>;
      components: { securitySchemes: Record<string, unknown> };
    };
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    const routes = server.routes.routes.filter(
      ({ method, path }) => method !== 'HEAD' && !path.startsWith('/api/docs'),
    );
    for (const { method, path } of routes.filter((route) => route.path !== '/api/openapi.json')) {
      const described = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      expect([method, path, described === undefined]).toEqual([method, path, false]);
      expect([method, path, described!.security === undefined]).toEqual([
        method,
        path,
        PUBLIC.has(`${method} ${path}`),
      ]);
    }
  });
});
