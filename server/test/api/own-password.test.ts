import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiTokenCreated, AuditEventView, Page, Problem, UserView } from '@dibs/shared';
import { startTestServer, type TestServer } from '../support/test-server.js';

const PATH = '/api/v1/session/password';
const OLD = 'correct horse';
const NEW = 'battery staple';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
});
afterAll(() => server.stop());

let sequence = 0;
/** Somebody of the least role, signed in. */
async function somebody(): Promise<{ id: string; email: string; cookie: string }> {
  const email = `user-${++sequence}@test.example`;
  const { body } = await server.request<UserView>('POST', '/api/v1/users', { email, password: OLD, role: 'viewer' });
  return { id: body.id, email, cookie: await cookieOf(email, OLD) };
}

function signIn(email: string, password: string) {
  return server.request('POST', '/api/v1/session', { email, password }, { token: null });
}
async function cookieOf(email: string, password: string): Promise<string> {
  return (await signIn(email, password)).headers.get('set-cookie')!.split(';')[0]!;
}
function change(cookie: string, currentPassword: unknown, newPassword: unknown) {
  const body = { currentPassword, newPassword };
  return server.request<Problem>('PUT', PATH, body, { token: null, headers: { cookie } });
}
async function isSignedIn(cookie: string): Promise<boolean> {
  return (
    (await server.request('GET', '/api/v1/session', undefined, { token: null, headers: { cookie } })).status === 200
  );
}

describe("one's own password", () => {
  test('is changed by whoever knows the present one; all other sessions end', async () => {
    const { id, email, cookie } = await somebody();
    const elsewhere = await cookieOf(email, OLD);
    expect((await change(cookie, OLD, NEW)).status).toBe(204);
    expect([await isSignedIn(cookie), await isSignedIn(elsewhere)]).toEqual([true, false]);
    expect([(await signIn(email, OLD)).status, (await signIn(email, NEW)).status]).toEqual([401, 200]);
    const { body } = await server.request<Page<AuditEventView>>('GET', `/api/v1/audit?actor=${id}`);
    const event = body.items.find(({ action }) => action === 'user.password_changed');
    expect(event).toMatchObject({ actorKind: 'user', target: id, targetName: email });
    expect(JSON.stringify(body)).not.toContain(NEW);
  });

  test('stays as it is when the present one is wrong, and guessing it ends in 429', async () => {
    const { email, cookie } = await somebody();
    for (let guess = 0; guess < 10; guess += 1) {
      const { status, body } = await change(cookie, `guess ${guess}`, NEW);
      expect([status, body.code, body.errors?.[0]?.path]).toEqual([400, 'wrong_password', 'currentPassword']);
    }
    expect((await change(cookie, OLD, NEW)).status).toBe(429);
    expect([(await signIn(email, OLD)).status, await isSignedIn(cookie)]).toEqual([200, true]);
  });

  test('is nothing that machines, strangers or other sites could change', async () => {
    const { cookie } = await somebody();
    const body = { currentPassword: OLD, newPassword: NEW };
    const token = await server.request<ApiTokenCreated>('POST', '/api/v1/api-tokens', { name: 't', role: 'owner' });
    expect((await server.request('PUT', PATH, body)).status).toBe(403);
    expect((await server.request('PUT', PATH, body, { token: token.body.token })).status).toBe(403);
    expect((await server.request('PUT', PATH, body, { token: null })).status).toBe(401);
    const headers = { cookie, origin: 'https://evil.example' };
    expect((await server.request('PUT', PATH, body, { token: null, headers })).status).toBe(403);
  });

  let shared: string | undefined;
  test.each([
    [OLD, 'short', 'newPassword'],
    [OLD, undefined, 'newPassword'],
    [OLD, 'x'.repeat(1_001), 'newPassword'],
    ['', NEW, 'currentPassword'],
    [[OLD], NEW, 'currentPassword'],
  ])('%j to %j is refused and the property named', async (currentPassword, newPassword, property) => {
    const { status, body } = await change((shared ??= (await somebody()).cookie), currentPassword, newPassword);
    expect([status, body.errors?.map(({ path }) => path)]).toEqual([400, [property]]);
  });
});
