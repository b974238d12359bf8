import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Me, Problem } from '@dibs/shared';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ DASHBOARD_ORIGIN: 'https://dashboard.example', TIME_SCALE: '1' });
});
afterAll(() => server.stop());

function signIn(email: string, password: string, headers: Record<string, string> = {}) {
  return server.request<Me & Problem>('POST', '/api/v1/session', { email, password }, { token: null, headers });
}

async function cookieOf(): Promise<string> {
  const reply = await signIn(server.adminEmail, server.adminPassword);
  return reply.headers.get('set-cookie')!.split(';')[0]!;
}

function withCookie(method: string, path: string, cookie: string, origin?: string, body?: unknown) {
  const headers = { cookie, ...(origin === undefined ? {} : { origin }) };
  return server.request<Problem>(method, path, body, { token: null, headers });
}

describe('signing in', () => {
  test('answers who one is and sets a cookie that scripts and other sites cannot use', async () => {
    const reply = await signIn(server.adminEmail, server.adminPassword);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ kind: 'user', name: server.adminEmail, role: 'owner' });
    expect(reply.body.organization.name).toBe('default');
    const cookie = reply.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^dibs_session=[\w-]{43};/);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).not.toMatch(/; Secure/);
  });

  test('behind https the cookie is for https only', async () => {
    const reply = await signIn(server.adminEmail, server.adminPassword, { origin: 'https://dashboard.example' });
    expect(reply.headers.get('set-cookie')).toMatch(/; Secure/);
  });

  test('the case of the address does not matter', async () => {
    expect((await signIn(server.adminEmail.toUpperCase(), server.adminPassword)).status).toBe(200);
  });

  test('unknown user and wrong password get the same answer', async () => {
    const unknown = await signIn('nobody@test.example', server.adminPassword);
    const wrong = await signIn(server.adminEmail, 'not the password');
    for (const reply of [unknown, wrong]) {
      expect([reply.status, reply.body.code]).toEqual([401, 'wrong_credentials']);
      expect(reply.headers.get('set-cookie')).toBeNull();
    }
    expect({ ...wrong.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });

  test("another site's page cannot sign somebody in", async () => {
    const reply = await signIn(server.adminEmail, server.adminPassword, { origin: 'https://evil.example' });
    expect(reply.status).toBe(403);
    expect(reply.headers.get('set-cookie')).toBeNull();
  });

  test('guessing a password ends in 429, for that user only', async () => {
    const email = 'guessed@test.example';
    await server.request('POST', '/api/v1/users', { email, password: 'correct horse', role: 'viewer' });
    for (let index = 0; index < 10; index += 1) expect((await signIn(email, `guess ${index}`)).status).toBe(401);
    const refused = await signIn(email, 'correct horse');
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn(server.adminEmail, server.adminPassword)).status).toBe(200);
  });
});

describe('a session', () => {
  test('changes things for its own pages and for programs, not for those of other sites', async () => {
    const cookie = await cookieOf();
    expect((await withCookie('GET', '/api/v1/session', cookie)).status).toBe(200);
    const body = { name: 'by-cookie' };
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://dashboard.example.evil']) {
      expect((await withCookie('POST', '/api/v1/runners', cookie, origin, body)).status).toBe(403);
    }
    expect((await withCookie('POST', '/api/v1/runners', cookie, server.url, body)).status).toBe(201);
    const fromDashboard = await withCookie('POST', '/api/v1/runners', cookie, 'https://dashboard.example', {
      name: 'by-dashboard',
    });
    expect(fromDashboard.status).toBe(201);
    // no Origin: a program, unless the browser says that it is a page
    const send = (name: string, headers: Record<string, string>) =>
      server.request('POST', '/api/v1/runners', { name }, { token: null, headers: { cookie, ...headers } });
    expect((await send('by-script', {})).status).toBe(201);
    expect((await send('by-page', { 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect((await send('by-other', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('ends when one signs out, for that cookie only', async () => {
    const [one, two] = [await cookieOf(), await cookieOf()];
    const out = await withCookie('DELETE', '/api/v1/session', one, server.url);
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^dibs_session=;/);
    expect((await withCookie('GET', '/api/v1/session', one)).body.code).toBe('session_expired');
    expect((await withCookie('GET', '/api/v1/session', two)).status).toBe(200);
  });

  test('ends when the user is disabled or gets another password', async () => {
    const email = 'leaver@test.example';
    const created = await server.request<{ id: string }>('POST', '/api/v1/users', {
      email,
      password: 'correct horse',
      role: 'operator',
    });
    const path = `/api/v1/users/${created.body.id}`;
    const sessionOf = async (password: string): Promise<string> =>
      (await signIn(email, password)).headers.get('set-cookie')!.split(';')[0]!;

    const before = await sessionOf('correct horse');
    await server.request('PATCH', path, { password: 'battery staple' });
    expect((await withCookie('GET', '/api/v1/session', before)).status).toBe(401);

    const after = await sessionOf('battery staple');
    await server.request('PATCH', path, { disabled: true });
    expect((await withCookie('GET', '/api/v1/session', after)).status).toBe(401);
    expect((await signIn(email, 'battery staple')).body.code).toBe('wrong_credentials');
  });

  test('an invented cookie is nothing', async () => {
    expect((await withCookie('GET', '/api/v1/session', 'dibs_session=AAAA')).status).toBe(401);
    expect((await withCookie('GET', '/api/v1/session', 'dibs_session=%27%20OR%201=1')).status).toBe(401);
  });
});
