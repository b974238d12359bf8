import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiTokenCreated, AuditEventView, Page, Problem, RunnerCreated, UserView } from '@dibs/shared';
import { createOrganization, withClient, type OtherOrganization } from '../support/access-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let other: OtherOrganization;
/** One who does something, and what was done. */
let actor: ApiTokenCreated;
let user: UserView;
let runner: RunnerCreated;

beforeAll(async () => {
  server = await startTestServer();
  other = await createOrganization(server.databaseUrl);
  actor = (await server.request<ApiTokenCreated>('POST', '/api/v1/api-tokens', { name: 'auditor', role: 'owner' }))
    .body;
  const as = { token: actor.token };
  const account = { email: 'jo@test.example', password: 'correct horse', role: 'viewer' };
  user = (await server.request<UserView>('POST', '/api/v1/users', account, as)).body;
  await server.request('PATCH', `/api/v1/users/${user.id}`, { role: 'operator' }, as);
  runner = (await server.request<RunnerCreated>('POST', '/api/v1/runners', { name: 'short-lived' }, as)).body;
  await server.request('DELETE', `/api/v1/runners/${runner.id}`, undefined, as);
});
afterAll(() => server.stop());

async function read(query: string, token?: string): Promise<AuditEventView[]> {
  const { status, body } = await server.request<Page<AuditEventView>>(
    'GET',
    `/api/v1/audit?${query}`,
    undefined,
    token === undefined ? {} : { token },
  );
  expect(status).toBe(200);
  return [...body.items];
}
const actions = (events: readonly AuditEventView[]): string[] => events.map(({ action }) => action);

describe('the audit trail', () => {
  test('is read by who did it, newest first', async () => {
    const events = await read(`actor=${actor.id}`);
    expect(actions(events)).toEqual(['runner.deleted', 'runner.created', 'user.updated', 'user.created']);
    expect(new Set(events.map(({ actorKind }) => actorKind))).toEqual(new Set(['apiToken']));
    expect(actions(await read('actor=bootstrap'))).toContain('service_principal.created');
    expect(await read('actor=nobody')).toEqual([]);
  });

  test('names who did it and what it was done to, also when that is gone', async () => {
    const events = await read(`actor=${actor.id}`);
    expect(events.map(({ actorName }) => actorName)).toEqual(Array(4).fill('auditor'));
    expect(events.map(({ targetName }) => targetName)).toEqual([
      ...['short-lived', 'short-lived'],
      ...['jo@test.example', 'jo@test.example'],
    ]);
    expect((await read('actor=bootstrap'))[0]).toMatchObject({ actorKind: 'system', actorName: null });
  });

  test('is read by one or several actions, together with the others', async () => {
    expect(actions(await read(`actor=${actor.id}&action=user.created`))).toEqual(['user.created']);
    for (const several of ['action=user.created,runner.deleted', 'action=user.created&action=runner.deleted']) {
      expect(actions(await read(`actor=${actor.id}&${several}`))).toEqual(['runner.deleted', 'user.created']);
    }
  });

  test('is read by time: from a moment on, before another', async () => {
    await withClient(server.databaseUrl, async (client) => {
      const move = `UPDATE audit_events SET at = $1 WHERE action = $2 AND actor_id = $3`;
      await client.query(move, ['2020-03-01T12:00:00Z', 'user.created', actor.id]);
      await client.query(move, ['2020-03-01T13:00:00Z', 'user.updated', actor.id]);
    });
    const span = async (from: string, to: string) => actions(await read(`from=${from}&to=${to}`));
    expect(await span('2020-03-01T12:00:00Z', '2020-03-01T13:00:00Z')).toEqual(['user.created']);
    expect(await span('2020-03-01T14:00:00%2B01:00', '2020-03-01T13:00:00.001Z')).toEqual(['user.updated']);
    expect(await span('2020-03-01T13:01:00Z', '2020-03-02T00:00:00Z')).toEqual([]);
  });

  test('goes on from page to page within its filters', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/v1/audit?limit=3&actor=${actor.id}${cursor && `&cursor=${cursor}`}`;
      const { body } = await server.request<Page<AuditEventView>>('GET', path);
      seen.push(...actions(body.items));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['runner.deleted', 'runner.created', 'user.updated', 'user.created']);
  });

  test("tells nothing of another organization's, nor its names", async () => {
    expect(await read(`actor=${actor.id}`, other.token.owner)).toEqual([]);
    await withClient(server.databaseUrl, (client) =>
      client.query(
        `INSERT INTO audit_events (organization_id, actor_kind, actor_id, action, target)
         VALUES ($1, 'user', $2, 'user.updated', $2)`,
        [other.id, user.id],
      ),
    );
    const [event] = await read(`actor=${user.id}`, other.token.owner);
    expect(event).toMatchObject({ actorName: null, targetName: null });
  });

  test.each([
    ['action=user.crated', 'action'],
    ['action=user.created,', 'action'],
    ['from=yesterday', 'from'],
    ['from=2020-03-01T12:00:00', 'from'],
    ['to=2020-13-01T12:00:00Z', 'to'],
    ['actor=', 'actor'],
    ['from=2020-03-02T00:00:00Z&to=2020-03-01T00:00:00Z', 'from'],
  ])('refuses ?%s and names the property', async (query, property) => {
    const { status, body } = await server.request<Problem>('GET', `/api/v1/audit?${query}`);
    expect([status, body.errors?.map(({ path }) => path)]).toEqual([400, [property]]);
  });
});
