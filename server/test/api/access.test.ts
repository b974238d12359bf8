import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROLES } from '@dibs/shared';
import type {
  ApiTokenCreated,
  ApiTokenView,
  AuditEventView,
  Me,
  Page,
  Problem,
  Role,
  ServicePrincipalCreated,
  UserView,
} from '@dibs/shared';
import { createOrganization, insertApiToken, withClient, type OtherOrganization } from '../support/access-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let other: OtherOrganization;
/** API tokens of the default organization. */
const token = {} as Record<Role, string>;

beforeAll(async () => {
  server = await startTestServer();
  other = await createOrganization(server.databaseUrl);
  const { body } = await server.request<Me>('GET', '/api/v1/session');
  await withClient(server.databaseUrl, async (client) => {
    for (const role of ROLES) token[role] = await insertApiToken(client, body.organization.id, role);
  });
});
afterAll(() => server.stop());

let sequence = 0;
const unique = (what: string): string => `${what}-${++sequence}`;

async function create<T>(path: string, body: unknown, as?: string): Promise<T> {
  const reply = await server.request<T>('POST', path, body, as === undefined ? {} : { token: as });
  if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply.body;
}
const newUser = (role: Role): Promise<UserView> =>
  create('/api/v1/users', { email: `${unique('user')}@test.example`, password: 'correct horse', role });
const newPrincipal = (role: Role | null): Promise<ServicePrincipalCreated> =>
  create('/api/v1/service-principals', { name: unique('principal'), role });
const newApiToken = (role: Role): Promise<ApiTokenCreated> =>
  create('/api/v1/api-tokens', { name: unique('token'), role });

async function statusOf(method: string, path: string, body: unknown, as: string | null): Promise<number> {
  return (await server.request(method, path, body, { token: as })).status;
}

async function audited(action: string, target: string): Promise<number> {
  const { body } = await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=200');
  return body.items.filter((row) => row.action === action && row.target === target).length;
}

interface Call {
  readonly what: string;
  readonly method: string;
  readonly path: (ids: Ids) => string;
  readonly body?: unknown;
  /** The least role that may. */
  readonly least: Role;
}
interface Ids {
  readonly user: string;
  readonly principal: string;
  readonly apiToken: string;
}

/** Every route about access. Bodies change nothing that a later call would stumble over. */
const CALLS: readonly Call[] = [
  { what: 'list users', method: 'GET', path: () => '/api/v1/users', least: 'administrator' },
  { what: 'get a user', method: 'GET', path: ({ user }) => `/api/v1/users/${user}`, least: 'administrator' },
  {
    what: 'change a user',
    method: 'PATCH',
    path: ({ user }) => `/api/v1/users/${user}`,
    body: { role: 'viewer' },
    least: 'administrator',
  },
  { what: 'list principals', method: 'GET', path: () => '/api/v1/service-principals', least: 'administrator' },
  {
    what: 'get a principal',
    method: 'GET',
    path: ({ principal }) => `/api/v1/service-principals/${principal}`,
    least: 'administrator',
  },
  {
    what: 'change a principal',
    method: 'PATCH',
    path: ({ principal }) => `/api/v1/service-principals/${principal}`,
    body: { disabled: false },
    least: 'administrator',
  },
  {
    what: 'rotate a secret',
    method: 'POST',
    path: ({ principal }) => `/api/v1/service-principals/${principal}/rotate-secret`,
    body: { overlapSeconds: 60 },
    least: 'administrator',
  },
  {
    what: 'delete a principal',
    method: 'DELETE',
    path: ({ principal }) => `/api/v1/service-principals/${principal}`,
    least: 'administrator',
  },
  { what: 'list API tokens', method: 'GET', path: () => '/api/v1/api-tokens', least: 'administrator' },
  {
    what: 'revoke an API token',
    method: 'DELETE',
    path: ({ apiToken }) => `/api/v1/api-tokens/${apiToken}`,
    least: 'administrator',
  },
  { what: 'read the audit', method: 'GET', path: () => '/api/v1/audit', least: 'administrator' },
];

describe.each(CALLS)('to $what', ({ method, path, body, least }) => {
  let ids: Ids;
  beforeAll(async () => {
    ids = {
      user: (await newUser('viewer')).id,
      principal: (await newPrincipal('viewer')).id,
      apiToken: (await newApiToken('viewer')).id,
    };
  });

  test('nobody is refused (401), smaller roles are refused (403)', async () => {
    expect(await statusOf(method, path(ids), body, null)).toBe(401);
    for (const role of ROLES.slice(ROLES.indexOf(least) + 1)) {
      expect([role, await statusOf(method, path(ids), body, token[role])]).toEqual([role, 403]);
    }
  });

  test('the owner of another organization finds nothing', async () => {
    const reply = await server.request<Problem | Page<{ id: string }>>(method, path(ids), body, {
      token: other.token.owner,
    });
    if (path(ids) === path({ user: '', principal: '', apiToken: '' })) {
      const { items } = reply.body as Page<{ id: string }>;
      expect(JSON.stringify(items)).not.toMatch(new RegExp(Object.values(ids).join('|')));
    } else {
      expect([reply.status, (reply.body as Problem).code]).toEqual([404, 'not_found']);
    }
  });

  test(`the role ${least} may`, async () => {
    expect(await statusOf(method, path(ids), body, token[least])).toBeLessThan(300);
  });
});

describe('nobody grants more than they hold', () => {
  test.each([
    ['/api/v1/users', () => ({ email: `${unique('user')}@test.example`, password: 'correct horse' })],
    ['/api/v1/service-principals', () => ({ name: unique('principal') })],
    ['/api/v1/api-tokens', () => ({ name: unique('token') })],
  ])('POST %s: an administrator makes anything but owners', async (path, rest) => {
    for (const role of ROLES) {
      const status = await statusOf('POST', path, { ...rest(), role }, token.administrator);
      expect([role, status]).toEqual([role, role === 'owner' ? 403 : 201]);
    }
    expect(await statusOf('POST', path, { ...rest(), role: 'viewer' }, token.operator)).toBe(403);
    expect(await statusOf('POST', path, { ...rest(), role: 'viewer' }, null)).toBe(401);
  });

  test('an administrator neither raises anybody to owner nor touches an owner', async () => {
    const [user, principal, apiToken] = [
      await newUser('owner'),
      await newPrincipal('owner'),
      await newApiToken('owner'),
    ];
    const [viewer, machine] = [await newUser('viewer'), await newPrincipal('viewer')];
    const attempts: [string, string, unknown][] = [
      ['PATCH', `/api/v1/users/${viewer.id}`, { role: 'owner' }],
      ['PATCH', `/api/v1/service-principals/${machine.id}`, { role: 'owner' }],
      ['PATCH', `/api/v1/users/${user.id}`, { role: 'viewer' }],
      ['PATCH', `/api/v1/users/${user.id}`, { password: 'mine from now on' }],
      ['PATCH', `/api/v1/users/${user.id}`, { disabled: true }],
      ['PATCH', `/api/v1/service-principals/${principal.id}`, { disabled: true }],
      ['POST', `/api/v1/service-principals/${principal.id}/rotate-secret`, {}],
      ['DELETE', `/api/v1/service-principals/${principal.id}`, undefined],
      ['DELETE', `/api/v1/api-tokens/${apiToken.id}`, undefined],
    ];
    for (const [method, path, body] of attempts) {
      expect([method, path, await statusOf(method, path, body, token.administrator)]).toEqual([method, path, 403]);
    }
  });
});

describe('owners', () => {
  test('the last one stays, even when two owners remove each other at the same moment', async () => {
    const fresh = await startTestServer();
    try {
      const users = await fresh.request<Page<UserView>>('GET', '/api/v1/users');
      const first = users.body.items.find((user) => user.email === fresh.adminEmail)!;
      const alone = await fresh.request<Problem>('PATCH', `/api/v1/users/${first.id}`, { role: 'viewer' });
      expect([alone.status, alone.body.code]).toEqual([409, 'last_owner']);

      const second = await fresh.request<UserView>('POST', '/api/v1/users', {
        email: 'second@test.example',
        password: 'correct horse',
        role: 'owner',
      });
      const both = await Promise.all([
        fresh.request('PATCH', `/api/v1/users/${first.id}`, { disabled: true }),
        fresh.request('PATCH', `/api/v1/users/${second.body.id}`, { role: 'administrator' }),
      ]);
      expect(both.map((reply) => reply.status).sort()).toEqual([200, 409]);
    } finally {
      await fresh.stop();
    }
  });
});

describe('API tokens', () => {
  test('are shown once, work at once, and end when they are revoked', async () => {
    const created = await newApiToken('operator');
    expect(created.token).toMatch(/^dibs_[\w-]{43}$/);
    expect(created.token.startsWith(created.prefix)).toBe(true);
    expect(created.prefix).toHaveLength(11);
    const me = await server.request<Me>('GET', '/api/v1/session', undefined, { token: created.token });
    expect(me.body).toMatchObject({ kind: 'apiToken', id: created.id, name: created.name, role: 'operator' });

    const list = await server.request<Page<ApiTokenView>>('GET', '/api/v1/api-tokens?limit=200');
    expect(JSON.stringify(list.body)).not.toContain(created.token);
    expect(list.body.items.map((item) => item.id)).toContain(created.id);

    expect(await statusOf('DELETE', `/api/v1/api-tokens/${created.id}`, undefined, token.owner)).toBe(204);
    expect(await statusOf('GET', '/api/v1/session', undefined, created.token)).toBe(401);
    expect(await statusOf('DELETE', `/api/v1/api-tokens/${created.id}`, undefined, token.owner)).toBe(404);
    expect(await audited('api_token.revoked', created.id)).toBe(1);
  });

  test('that were revoked on another server end within the recheck time', async () => {
    const created = await newApiToken('viewer');
    expect(await statusOf('GET', '/api/v1/session', undefined, created.token)).toBe(200);
    await withClient(server.databaseUrl, (client) =>
      client.query('UPDATE api_tokens SET revoked_at = clock_timestamp() WHERE id = $1', [created.id]),
    );
    const deadline = Date.now() + 60_000;
    let status = 200;
    while (status === 200 && Date.now() < deadline) {
      status = await statusOf('GET', '/api/v1/session', undefined, created.token);
    }
    expect(status).toBe(401);
  });

  test('may end by themselves', async () => {
    const created = await create<ApiTokenCreated>('/api/v1/api-tokens', {
      name: 'short',
      role: 'viewer',
      expiresInSeconds: 3600,
    });
    expect(Date.parse(created.expiresAt!) - Date.parse(created.createdAt)).toBeCloseTo(3_600_000, -3);
    await withClient(server.databaseUrl, (client) =>
      client.query(`UPDATE api_tokens SET expires_at = clock_timestamp() - interval '1 s' WHERE id = $1`, [created.id]),
    );
    expect(await statusOf('GET', '/api/v1/session', undefined, created.token)).toBe(401);
  });

  test.each([`dibs_${'A'.repeat(43)}`, 'dibs_', 'dibs_%00'])('an invented one is nothing: %s', async (invented) => {
    expect(await statusOf('GET', '/api/v1/session', undefined, invented)).toBe(401);
  });
});

describe('service principals', () => {
  test("a runner's principal may use no route at all", async () => {
    const { credentials } = await newPrincipal(null);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    });
    const reply = await fetch(`${server.url}/connect/token`, { method: 'POST', body });
    const { access_token: runnerToken } = (await reply.json()) as { access_token: string };
    for (const path of ['/api/v1/session', '/api/v1/runners', '/api/v1/jobs', '/api/v1/users']) {
      expect([path, await statusOf('GET', path, undefined, runnerToken)]).toEqual([path, 403]);
    }
  });

  test('names are unique in an organization, and free in another', async () => {
    const { name } = await newPrincipal('viewer');
    const again = await server.request<Problem>('POST', '/api/v1/service-principals', { name, role: 'viewer' });
    expect([again.status, again.body.code]).toEqual([409, 'name_taken']);
    expect(await statusOf('POST', '/api/v1/service-principals', { name, role: 'viewer' }, other.token.owner)).toBe(201);
  });

  test('secrets are in no list and in no audit row', async () => {
    const created = await newPrincipal('viewer');
    const lists = await Promise.all([
      server.request('GET', '/api/v1/service-principals?limit=200'),
      server.request('GET', '/api/v1/audit?limit=200'),
      server.request('GET', `/api/v1/service-principals/${created.id}`),
    ]);
    for (const { body } of lists) expect(JSON.stringify(body)).not.toContain(created.credentials.clientSecret);
    expect(await audited('service_principal.created', created.id)).toBe(1);
  });

  test('cannot be deleted while a runner uses it', async () => {
    const principal = await newPrincipal(null);
    await create('/api/v1/runners', { name: unique('runner'), servicePrincipalId: principal.id });
    const reply = await server.request<Problem>('DELETE', `/api/v1/service-principals/${principal.id}`);
    expect([reply.status, reply.body.code]).toEqual([409, 'in_use']);
  });
});

describe('lists', () => {
  test('are cut into pages that miss nothing and repeat nothing', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push((await newApiToken('viewer')).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await server.request<Page<ApiTokenView>>('GET', `/api/v1/api-tokens?${query}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map((item) => item.id));
      cursor = body.nextCursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    // fixtures have random ids, those of the server sort by age
    expect(seen.filter((id) => made.includes(id))).toEqual(made.reverse());
  });

  test("another organization's cursor shows only one's own rows", async () => {
    const { body } = await server.request<Page<ApiTokenView>>('GET', '/api/v1/api-tokens?limit=1');
    const foreign = await server.request<Page<ApiTokenView>>(
      'GET',
      `/api/v1/api-tokens?cursor=${body.nextCursor}`,
      undefined,
      { token: other.token.owner },
    );
    const mine = await server.request<Page<ApiTokenView>>('GET', '/api/v1/api-tokens?limit=200');
    const ids = new Set(mine.body.items.map((item) => item.id));
    expect(foreign.body.items.some((item) => ids.has(item.id))).toBe(false);
  });

  test.each(['limit=0', 'limit=201', 'limit=1.5', 'limit=x', 'limit=1&limit=2', 'cursor=!', 'cursor=QUJD', 'x=1'])(
    'refuse ?%s',
    async (query) => expect(await statusOf('GET', `/api/v1/api-tokens?${query}`, undefined, token.owner)).toBe(400),
  );
});
