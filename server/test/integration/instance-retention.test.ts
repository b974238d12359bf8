import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { InstanceView, Page } from '@dibs/shared';
import { InstanceRetention } from '../../src/runners/instance-retention.js';
import { insertInstance, insertRunningJob, withClient } from '../support/access-fixtures.js';
import { FakeRunner, createRunner, eventually } from '../support/fake-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const DAY_SECONDS = 86_400;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ DIBS_INSTANCE_RETENTION_DAYS: '7' });
});
afterAll(() => server.stop());

const forget = (): Promise<number> => server.app.get(InstanceRetention, { strict: false }).forget();
const instancesOf = async (runnerId: string): Promise<readonly InstanceView[]> =>
  (await server.request<Page<InstanceView>>('GET', `/api/v1/runners/${runnerId}/instances`)).body.items;

test('an instance that was gone for longer than the setting says is forgotten, unless it holds something', async () => {
  const runner = await createRunner(server, { name: 'pods' });
  const online = await FakeRunner.online(server, runner, { instance: 'online' });
  const gone = (name: string, days: number): Promise<string> =>
    insertInstance(server.databaseUrl, runner.runnerId, name, {
      connected: false,
      lastSeenSecondsAgo: days * DAY_SECONDS,
    });
  await gone('long-gone', 8);
  await gone('just-gone', 6);
  await insertRunningJob(server.databaseUrl, runner.runnerId, await gone('holding', 8));

  expect(await forget()).toBe(1);

  const names = (await instancesOf(runner.runnerId)).map(({ name }) => name);
  expect(names.sort()).toEqual(['holding', 'just-gone', 'online']);
  online.close();
});

test('a name that was forgotten comes back as a new instance', async () => {
  const runner = await createRunner(server, { name: 'back' });
  (await FakeRunner.online(server, runner, { instance: 'pod-0' })).close();
  await eventually(
    () => instancesOf(runner.runnerId),
    (instances) => instances.every(({ status }) => status === 'offline'),
  );
  await withClient(server.databaseUrl, (client) =>
    client.query(
      `UPDATE runner_instances SET disconnected_at = clock_timestamp() - interval '8 days' WHERE name = 'pod-0'`,
    ),
  );
  expect(await forget()).toBe(1);
  expect(await instancesOf(runner.runnerId)).toEqual([]);
  const again = await FakeRunner.online(server, runner, { instance: 'pod-0' });
  expect(await instancesOf(runner.runnerId)).toMatchObject([{ name: 'pod-0', status: 'online' }]);
  again.close();
});
