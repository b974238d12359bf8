import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEventView, MaintenanceView, Me, Page, PauseView, Problem, Role } from '@dibs/shared';
import { ROLES } from '@dibs/shared';
import { createOrganization, insertApiToken, withClient, type OtherOrganization } from '../support/access-fixtures.js';
import { createRunner } from '../support/fake-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let other: OtherOrganization;
let organizationId: string;
const token = {} as Record<Role, string>;

beforeAll(async () => {
  server = await startTestServer();
  other = await createOrganization(server.databaseUrl);
  organizationId = (await server.request<Me>('GET', '/api/v1/session')).body.organization.id;
  await withClient(server.databaseUrl, async (client) => {
    for (const role of ROLES) token[role] = await insertApiToken(client, organizationId, role);
  });
});
afterAll(() => server.stop());

const LANE = 'A'.repeat(32);
const pause = (type: string, id: string, as = token.owner, note: unknown = 'disk is being replaced') =>
  server.request<PauseView & Problem>('POST', '/api/v1/pauses', { target: { type, id }, note }, { token: as });
const resume = (id: string, as = token.owner) =>
  server.request<Problem>('DELETE', `/api/v1/pauses/${id}`, undefined, { token: as });
const paused = async (as = token.viewer): Promise<readonly PauseView[]> =>
  (await server.request<Page<PauseView>>('GET', '/api/v1/pauses', undefined, { token: as })).body.items;
const audited = async (action: string): Promise<readonly AuditEventView[]> =>
  (await server.request<Page<AuditEventView>>('GET', '/api/v1/audit?limit=200')).body.items.filter(
    (event) => event.action === action,
  );

describe('a pause', () => {
  test('is made, shown, refused a second time, and lifted', async () => {
    const { runnerId } = await createRunner(server);
    const made = await pause('runner', runnerId, token.operator);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      target: { type: 'runner', id: runnerId },
      note: 'disk is being replaced',
      who: 'operator token',
    });
    expect(await paused()).toContainEqual(made.body);
    expect(await pause('runner', runnerId)).toMatchObject({ status: 409, body: { code: 'already_paused' } });
    expect((await resume(made.body.id, token.operator)).status).toBe(204);
    expect(await paused()).not.toContainEqual(made.body);
    expect((await resume(made.body.id)).status).toBe(404);
    expect((await pause('runner', runnerId)).status).toBe(201);
  });

  test('is audited when it begins and when it ends', async () => {
    const { body } = await pause('lane', 'B'.repeat(32));
    await resume(body.id);
    expect(await audited('pause.created')).toContainEqual(
      expect.objectContaining({
        target: body.id,
        data: { targetType: 'lane', target: 'B'.repeat(32), note: 'disk is being replaced' },
      }),
    );
    expect(await audited('pause.ended')).toContainEqual(expect.objectContaining({ target: body.id }));
  });

  test('made twice at the same moment holds once', async () => {
    const lane = 'C'.repeat(32);
    const answers = await Promise.all(Array.from({ length: 6 }, () => pause('lane', lane)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test('ends with its runner', async () => {
    const { runnerId } = await createRunner(server);
    const { body } = await pause('runner', runnerId);
    await server.request('DELETE', `/api/v1/runners/${runnerId}`);
    expect((await paused()).map(({ id }) => id)).not.toContain(body.id);
  });
});

describe('who may pause', () => {
  test.each([
    ['viewer', 403],
    ['operator', 201],
    ['administrator', 201],
    ['owner', 201],
  ] as const)('a %s asking for a lane gets %d', async (role, status) => {
    const made = await pause('lane', LANE, token[role]);
    expect(made.status).toBe(status);
    if (status === 201) {
      expect((await resume(made.body.id, token.viewer)).status).toBe(403);
      expect((await resume(made.body.id, token[role])).status).toBe(204);
    }
  });

  test.each([
    ['viewer', 403],
    ['operator', 403],
    ['administrator', 201],
    ['owner', 201],
  ] as const)('a %s asking for the organization gets %d', async (role, status) => {
    const made = await pause('organization', organizationId, token[role]);
    expect(made.status).toBe(status);
    if (status === 201) {
      expect((await resume(made.body.id, token.operator)).status).toBe(403);
      expect((await resume(made.body.id, token[role])).status).toBe(204);
    }
  });

  test('another organization sees nothing, lifts nothing, and pauses nothing of this one', async () => {
    const { runnerId } = await createRunner(server);
    const { body } = await pause('runner', runnerId);
    expect(await paused(other.token.owner)).toEqual([]);
    expect((await resume(body.id, other.token.owner)).status).toBe(404);
    expect((await pause('organization', organizationId, other.token.owner)).status).toBe(404);
    const { runnerId: second } = await createRunner(server);
    expect((await pause('runner', second, other.token.owner)).status).toBe(404);
    expect(await paused()).toContainEqual(body);
  });
});

describe('hostile pauses', () => {
  const badNotes: unknown[] = ['', '   ', 'x'.repeat(501), 'a\u0000b', 'two\nlines', '\u202Eevil', 7, null, {}];
  test.each(badNotes)('the note %j is refused', async (note) => {
    expect((await pause('lane', LANE, token.owner, note)).status).toBe(400);
  });

  test.each([
    ['server', 'x', 400],
    ['__proto__', 'x', 400],
    ['runner', 'no-uuid', 404],
    ['organization', "'; DROP TABLE pauses; --", 404],
    ['lane', '../../etc/passwd', 404],
    ['lane', 'x'.repeat(101), 400],
  ])('the target %s %s is answered %d %d', async (type, id, status) => {
    expect((await pause(type, id)).status).toBe(status);
  });

  test.each([
    [{ note: 'x' }],
    [{ target: null, note: 'x' }],
    [{ target: [], note: 'x' }],
    [{ target: { type: 'lane', id: LANE, organizationId: 'x' }, note: 'x' }],
    [{ target: { type: 'lane', id: LANE }, note: 'x', who: 'somebody else' }],
    [[]],
  ])('the body %j is refused', async (body) => {
    expect((await server.request('POST', '/api/v1/pauses', body, { token: token.owner })).status).toBe(400);
  });

  test('what cannot be an id is not there', async () => {
    expect((await resume('1 OR 1=1')).status).toBe(404);
  });
});

describe('maintenance', () => {
  const maintenance = (method: string, body?: unknown, as = token.owner) =>
    server.request<MaintenanceView & Problem>(method, '/api/v1/maintenance', body, { token: as });

  test('is for owners of the organization that operates the installation', async () => {
    for (const as of [token.viewer, token.operator, token.administrator, ...Object.values(other.token)]) {
      expect((await maintenance('POST', { note: 'x' }, as)).status).toBe(403);
      expect((await maintenance('DELETE', undefined, as)).status).toBe(403);
      expect((await maintenance('GET', undefined, as)).body).toEqual({ maintenance: null, mayControl: false });
    }
  });

  test('begins once, is told to every tenant without a name, and ends', async () => {
    expect((await maintenance('GET')).body).toEqual({ maintenance: null, mayControl: true });
    expect((await maintenance('POST', { note: 'moving the database' })).status).toBe(201);
    expect(await maintenance('POST', { note: 'again' })).toMatchObject({ status: 409 });
    expect((await maintenance('GET', undefined, other.token.viewer)).body).toEqual({
      maintenance: { note: 'moving the database', since: expect.any(String) },
      mayControl: false,
    });
    expect(await paused()).not.toContainEqual(expect.objectContaining({ note: 'moving the database' }));
    expect((await maintenance('DELETE')).body).toEqual({ maintenance: null, mayControl: true });
    expect((await maintenance('DELETE')).status).toBe(404);
    expect(await audited('maintenance.started')).toHaveLength(1);
    expect(await audited('maintenance.ended')).toHaveLength(1);
  });

  test('needs a note, and credentials', async () => {
    expect((await maintenance('POST', { note: ' ' })).status).toBe(400);
    expect((await maintenance('POST', {})).status).toBe(400);
    expect((await server.request('GET', '/api/v1/maintenance', undefined, { token: null })).status).toBe(401);
  });
});
