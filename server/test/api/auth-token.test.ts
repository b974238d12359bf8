import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEventView, Page, ServicePrincipalCreated } from '@dibs/shared';
import { startTestServer, type TestServer } from '../support/test-server.js';

const GRANT = { grant_type: 'client_credentials' };
let server: TestServer;

beforeAll(async () => {
  // the lock-out must outlast the tests that look at it
  server = await startTestServer({ TIME_SCALE: '1' });
});
afterAll(() => server.stop());

interface TokenReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function post(body: BodyInit, headers: Record<string, string> = {}): Promise<TokenReply> {
  const response = await fetch(`${server.url}/connect/token`, { method: 'POST', body, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

function form(parameters: Record<string, string>): URLSearchParams {
  return new URLSearchParams(parameters);
}

function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

async function createPrincipal(name: string): Promise<{ client_id: string; client_secret: string }> {
  const { body } = await server.request<ServicePrincipalCreated>('POST', '/api/v1/service-principals', {
    name,
    role: 'viewer',
  });
  return { client_id: body.credentials.clientId, client_secret: body.credentials.clientSecret };
}

describe('POST /connect/token', () => {
  test('answers as RFC 6749 §5.1 says, with the secret in the body or in Basic', async () => {
    const inBody = await post(form({ ...GRANT, client_id: server.clientId, client_secret: server.clientSecret }));
    const inBasic = await post(form(GRANT), basic(server.clientId, server.clientSecret));
    for (const reply of [inBody, inBasic]) {
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        token_type: 'Bearer',
        expires_in: 900,
      });
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(reply.headers.get('pragma')).toBe('no-cache');
    }
    const me = await server.request('GET', '/api/v1/session', undefined, {
      token: inBasic.body.access_token as string,
    });
    expect(me.body).toMatchObject({ kind: 'servicePrincipal', name: server.clientId, role: 'owner' });
  });

  test('each token issued is one audit row', async () => {
    const client = await createPrincipal('audited');
    await post(form({ ...GRANT, ...client }));
    await post(form({ ...GRANT, ...client, client_secret: 'wrong' }));
    const { body } = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=200');
    const principals = await server.request<Page<{ id: string; name: string }>>('GET', '/api/v1/service-principals');
    const { id } = principals.body.items.find((item) => item.name === 'audited')!;
    expect(body.items.filter((row) => row.action === 'token.issued' && row.target === id)).toHaveLength(1);
  });

  test('unknown client and wrong secret get the same answer', async () => {
    const unknown = await post(form({ ...GRANT, client_id: 'nobody', client_secret: server.clientSecret }));
    const wrong = await post(form({ ...GRANT, client_id: server.clientId, client_secret: 'x'.repeat(32) }));
    for (const reply of [unknown, wrong]) {
      expect(reply.status).toBe(401);
      expect(reply.body.error).toBe('invalid_client');
      expect(reply.headers.get('cache-control')).toBe('no-store');
    }
    expect(wrong.body).toEqual(unknown.body);
  });

  test('and they take the same time, whichever way the real secret is stored', async () => {
    const generated = await createPrincipal('timed');
    const time = async (client_id: string): Promise<number> => {
      const startedAt = performance.now();
      await post(form({ ...GRANT, client_id, client_secret: randomBytes(24).toString('base64url') }));
      return performance.now() - startedAt;
    };
    let [unknown, known] = [Infinity, Infinity];
    // in turns, and the shortest of each: what else the machine does lengthens single ones
    for (let index = 0; index < 7; index += 1) {
      unknown = Math.min(unknown, await time('no-such-client'));
      known = Math.min(known, await time(generated.client_id));
    }
    // the slow hash is what costs; where it is left out the ratio is 10 and more
    expect(Math.max(unknown, known) / Math.min(unknown, known)).toBeLessThan(3);
  });

  test('whoever failed with Basic is told that Basic is expected', async () => {
    const reply = await post(form(GRANT), basic('nobody', 'x'));
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  test.each([
    ['two ways of authenticating', 'grant_type=client_credentials&client_id=a&client_secret=s', 400, 'invalid_request'],
    ['a repeated parameter', 'grant_type=client_credentials&grant_type=client_credentials', 400, 'invalid_request'],
    ['no grant type', 'client_id=test-owner', 400, 'invalid_request'],
    ['another grant type', 'grant_type=password', 400, 'unsupported_grant_type'],
    ['a scope', 'grant_type=client_credentials&scope=all', 400, 'invalid_scope'],
  ])('refuses %s', async (_what, body, status, error) => {
    const reply = await post(new URLSearchParams(body), basic(server.clientId, server.clientSecret));
    expect([reply.status, reply.body.error]).toEqual([status, error]);
    expect(reply.body).not.toHaveProperty('access_token');
  });

  test('a chosen secret may be sent in Basic as `curl -u` does it, and as the RFC wants it', async () => {
    const secret = 'pa+ss%2Fword/of=24:characters';
    const own = await startTestServer({ DIBS_BOOTSTRAP_CLIENT_SECRET: secret });
    try {
      for (const sent of [secret, encodeURIComponent(secret)]) {
        const headers = basic(own.clientId, sent);
        const response = await fetch(`${own.url}/connect/token`, { method: 'POST', body: form(GRANT), headers });
        expect([sent, response.status]).toEqual([sent, 200]);
      }
    } finally {
      await own.stop();
    }
  });

  test('takes nothing but a form', async () => {
    const credentials = { ...GRANT, client_id: server.clientId, client_secret: server.clientSecret };
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml']) {
      const reply = await post(JSON.stringify(credentials), { 'content-type': type });
      expect([type, reply.status, reply.body.error]).toEqual([type, 400, 'invalid_request']);
      expect(reply.body.error_description).toMatch(/application\/x-www-form-urlencoded/);
    }
  });

  test('refuses an oversized body', async () => {
    const reply = await post(form({ ...GRANT, client_id: 'a', client_secret: 's', pad: 'x'.repeat(20_000) }));
    expect([reply.status, reply.body.error]).toEqual([413, 'invalid_request']);
  });

  test('other methods are told the right one', async () => {
    const response = await fetch(`${server.url}/connect/token?grant_type=client_credentials`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('guessing a secret', () => {
  test('ends in 429, and locks out neither the generated secrets of the victim nor other clients', async () => {
    const victim = await createPrincipal('victim');
    const guess = (): Promise<TokenReply> =>
      post(form({ ...GRANT, client_id: victim.client_id, client_secret: randomBytes(8).toString('hex') }));
    const replies = await Promise.all(Array.from({ length: 15 }, guess));
    expect(replies.filter((reply) => reply.status === 401)).toHaveLength(10);

    const refused = await guess();
    expect(refused.status).toBe(429);
    expect(refused.body.error).toBe('temporarily_unavailable');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);

    expect((await post(form({ ...GRANT, ...victim }))).status).toBe(200);
    expect((await post(form(GRANT), basic(server.clientId, server.clientSecret))).status).toBe(200);
  });

  test('a secret that people chose is protected by the lock-out, right or wrong', async () => {
    const own = await startTestServer({ TIME_SCALE: '1' });
    try {
      const attempt = async (secret: string): Promise<number> => {
        const body = form({ ...GRANT, client_id: own.clientId, client_secret: secret });
        return (await fetch(`${own.url}/connect/token`, { method: 'POST', body })).status;
      };
      for (let index = 0; index < 10; index += 1) expect(await attempt('wrong')).toBe(401);
      expect(await attempt('wrong')).toBe(429);
      expect(await attempt(own.clientSecret)).toBe(429);
    } finally {
      await own.stop();
    }
  });
});
