import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { Problem, ServicePrincipalCreated } from '@dibs/shared';
import { SigningKey } from '../../src/auth/signing-key.js';
import { eventually } from '../support/access-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let valid: string;
let claims: JWTPayload;

beforeAll(async () => {
  server = await startTestServer();
  valid = await server.token();
  claims = decodeJwt(valid);
});
afterAll(() => server.stop());

const key = (): SigningKey => server.app.get(SigningKey);

async function ask(token: string): Promise<[number, string]> {
  const reply = await server.request<Problem>('GET', '/api/v1/runners', undefined, { token });
  return [reply.status, reply.body.code];
}

/** Signed with the server's own key: only what is named differs from a valid token. */
function sign(changes: JWTPayload, header: Record<string, unknown> = {}): Promise<string> {
  const payload = JSON.parse(JSON.stringify({ ...claims, ...changes })) as JWTPayload;
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key().id, ...header })
    .sign(key().privateKey);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('access tokens', () => {
  test('are EdDSA at+jwt of 15 minutes with every claim', () => {
    expect(decodeProtectedHeader(valid)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: key().id });
    expect(claims).toMatchObject({ iss: 'dibs', aud: 'dibs-api', role: 'owner', client_id: server.clientId });
    expect(Object.keys(claims)).toEqual(expect.arrayContaining(['sub', 'org', 'iat', 'exp', 'jti']));
    expect(Math.abs(claims.exp! - claims.iat! - 900)).toBeLessThan(1);
  });

  test('a token signed by hand with the same claims is good: what follows fails for its own reason', async () => {
    expect((await ask(await sign({})))[0]).toBe(200);
  });

  test('are refused without a signature (alg none)', async () => {
    const payload = valid.split('.')[1]!;
    for (const alg of ['none', 'None', 'NONE']) {
      expect(await ask(`${encode({ alg, typ: 'at+jwt' })}.${payload}.`)).toEqual([401, 'invalid_token']);
    }
  });

  test('are refused when the public key was used as HMAC secret (algorithm confusion)', async () => {
    const unsigned = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: key().id })}.${valid.split('.')[1]!}`;
    for (const secret of [
      key().publicKey.export({ format: 'pem', type: 'spki' }),
      key().publicKey.export({ format: 'der', type: 'spki' }),
    ]) {
      const mac = createHmac('sha256', secret).update(unsigned).digest('base64url');
      expect(await ask(`${unsigned}.${mac}`)).toEqual([401, 'invalid_token']);
    }
  });

  test('are refused when another key signed them, also one they bring along', async () => {
    const foreign = generateKeyPairSync('ed25519');
    const jwk = foreign.publicKey.export({ format: 'jwk' });
    const header = { alg: 'EdDSA', typ: 'at+jwt', kid: key().id, jwk };
    const token = await new SignJWT({ ...claims }).setProtectedHeader(header).sign(foreign.privateKey);
    expect(await ask(token)).toEqual([401, 'invalid_token']);
  });

  test.each([
    ['no exp', { exp: undefined }],
    ['exp of another type', { exp: '9999999999' as never }],
    ['another audience', { aud: 'somebody-else' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['no subject', { sub: undefined }],
    ['a subject that is no id', { sub: "' OR 1=1 --" }],
    ['an unknown principal', { sub: randomUUID() }],
    ['a foreign organization', { org: randomUUID() }],
    ['a role that does not exist', { role: 'god' }],
    ['no secret it was got with', { sid: undefined }],
    ['a secret that is gone', { sid: randomUUID() }],
    ['nbf in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ])('are refused with %s', async (_what, changes) => {
    expect(await ask(await sign(changes))).toEqual([401, 'invalid_token']);
  });

  test('are refused with another typ', async () => {
    for (const typ of ['JWT', undefined, 'id+jwt']) {
      expect(await ask(await sign({}, { typ }))).toEqual([401, 'invalid_token']);
    }
  });

  test('that have expired say so', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await ask(await sign({ iat: now - 901, exp: now - 1 }))).toEqual([401, 'token_expired']);
  });

  test('do not carry a role: the one in the database counts', async () => {
    const { body } = await server.request<ServicePrincipalCreated>('POST', '/api/v1/service-principals', {
      name: 'climber',
      role: 'viewer',
    });
    const token = await tokenOf(body);
    const climbed = await sign({ ...decodeJwt(token), role: 'owner' });
    expect((await server.request('GET', '/api/v1/users', undefined, { token: climbed })).status).toBe(403);
  });

  test.each(['', 'Bearer', 'Bearer  ', 'Basic abc', 'Bearer a b', 'Token abc', 'Bearer ..', 'Bearer \u00e9'])(
    'an Authorization header of %j is refused',
    async (authorization) => {
      const response = await fetch(`${server.url}/api/v1/runners`, { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    },
  );
});

async function tokenOf({ credentials }: ServicePrincipalCreated, url = server.url): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  const response = await fetch(`${url}/connect/token`, { method: 'POST', body });
  if (response.status !== 200) throw new Error(`token: ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

describe('revocation', () => {
  async function create(name: string): Promise<ServicePrincipalCreated> {
    const reply = await server.request<ServicePrincipalCreated>('POST', '/api/v1/service-principals', {
      name,
      role: 'viewer',
    });
    return reply.body;
  }

  test('a disabled principal gets no token and its tokens end; enabled again, the old ones stay dead', async () => {
    const principal = await create('disabled');
    const token = await tokenOf(principal);
    expect((await ask(token))[0]).toBe(200);
    const path = `/api/v1/service-principals/${principal.id}`;
    await server.request('PATCH', path, { disabled: true });
    expect(await ask(token)).toEqual([401, 'invalid_token']);
    await expect(tokenOf(principal)).rejects.toThrow('token: 401');

    await server.request('PATCH', path, { disabled: false });
    expect(await ask(token)).toEqual([401, 'invalid_token']);
    expect((await ask(await tokenOf(principal)))[0]).toBe(200);
  });

  test('rotating a secret ends it and its tokens at once, and the new one works at once', async () => {
    const principal = await create('rotated');
    const token = await tokenOf(principal);
    const path = `/api/v1/service-principals/${principal.id}/rotate-secret`;
    const rotated = await server.request<ServicePrincipalCreated>('POST', path, {});
    expect(rotated.status).toBe(200);
    expect(await ask(token)).toEqual([401, 'invalid_token']);
    await expect(tokenOf(principal)).rejects.toThrow('token: 401');
    expect((await ask(await tokenOf(rotated.body)))[0]).toBe(200);
  });

  test('rotating with overlap keeps the earlier secret and its tokens until then', async () => {
    const principal = await create('overlapped');
    const token = await tokenOf(principal);
    const path = `/api/v1/service-principals/${principal.id}/rotate-secret`;
    const rotated = await server.request<ServicePrincipalCreated>('POST', path, { overlapSeconds: 1 });
    expect((await ask(token))[0]).toBe(200);
    expect((await ask(await tokenOf(principal)))[0]).toBe(200);
    expect((await ask(await tokenOf(rotated.body)))[0]).toBe(200);
    const outcome = (): Promise<string> => tokenOf(principal).catch((error: Error) => error.message);
    await eventually(outcome, (answer) => answer === 'token: 401');
    expect((await ask(await tokenOf(rotated.body)))[0]).toBe(200);
  });

  test('a deleted principal is nobody', async () => {
    const principal = await create('deleted');
    const token = await tokenOf(principal);
    expect((await server.request('DELETE', `/api/v1/service-principals/${principal.id}`)).status).toBe(204);
    expect(await ask(token)).toEqual([401, 'invalid_token']);
  });
});
