import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobTimeline, PauseView } from '@dibs/shared';
import { createOrganization, withClient } from '../support/access-fixtures.js';
import { FakeRunner, createRunner, eventually, submitJob } from '../support/fake-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
const open: FakeRunner[] = [];

beforeAll(async () => {
  server = await startTestServer();
});
afterEach(() => open.splice(0).forEach((fake) => fake.close()));
afterAll(() => server.stop());

const timeline = async (id: string): Promise<JobTimeline> =>
  (await server.request<JobTimeline>('GET', `/api/v1/jobs/${id}/timeline`)).body;
const typesOf = ({ entries }: JobTimeline): string[] => entries.map(({ type }) => type);

async function pool(count: number) {
  const name = `life-${++sequence}`;
  const runner = await createRunner(server, { name });
  const fakes = await Promise.all(Array.from({ length: count }, () => FakeRunner.online(server, runner)));
  open.push(...fakes);
  return { name, runner, fakes };
}
let sequence = 0;

describe("a job's time line", () => {
  test('tells its whole life in order: pause, offers, claim, losers, steps, disconnect, late renewal, end', async () => {
    const { name, runner, fakes } = await pool(3);
    const [winner, ...losers] = fakes;
    const body = { target: { type: 'runner', id: runner.runnerId }, note: 'rack 7 moves' };
    const pause = await server.request<PauseView>('POST', '/api/v1/pauses', body);
    const id = await submitJob(server, { runner: name });
    await server.request('DELETE', `/api/v1/pauses/${pause.body.id}`);
    await Promise.all(fakes.map((fake) => fake.offerOf(id)));
    const job = await winner!.take(id);
    for (const loser of losers) expect(await loser.claim(id)).toMatchObject({ code: 'E_ALREADY_CLAIMED' });
    // as if nothing had been heard of it for longer than two periods (of 500 ms here); the lease is 3 s
    await withClient(server.databaseUrl, (client) =>
      client.query(`UPDATE jobs SET lease_expires_at = clock_timestamp() + interval '1 second' WHERE id = $1`, [id]),
    );
    await winner!.renew();
    winner!.close();
    await eventually(
      () => timeline(id),
      (line) => typesOf(line).includes('runner_disconnected'),
    );
    const { instance, bootId } = winner!;
    const held = [...winner!.held.values()];
    const again = await FakeRunner.online(server, runner, { instance, bootId, hello: { held } });
    open.push(again);
    await again.complete(job);
    const line = await eventually(
      () => timeline(id),
      (seen) => typesOf(seen).includes('claims_lost'),
    );
    const types = typesOf(line);
    const inOrder = [
      'submitted',
      'held_by_pause',
      'offered',
      'claimed',
      'renewal_gap',
      'runner_disconnected',
      'runner_reconnected',
      'step_started',
      'step_finished',
      'finished',
    ];
    expect(types.filter((type) => inOrder.includes(type))).toEqual(inOrder);
    const textOf = (type: string): string => line.entries.find((entry) => entry.type === type)?.text ?? '';
    expect(textOf('offered')).toMatch(/^Offered to 3 instances in \d rounds?\.$/);
    expect(textOf('claims_lost')).toBe('2 claims came too late.');
    expect(textOf('held_by_pause')).toContain('rack 7 moves');
    expect(textOf('runner_disconnected')).toContain('disconnected');
    expect(line).toMatchObject({ job: { id, name: 'true', state: 'succeeded' }, truncated: false });
    const times = line.entries.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Date.parse(line.exportedAt)).toBeGreaterThanOrEqual(times.at(-1)!);
  });

  test('tells that a slot had been claimed ahead of time', async () => {
    const name = `life-${++sequence}`;
    const runner = await createRunner(server, { name });
    const fake = await FakeRunner.online(server, runner, { hello: { standing: true } });
    open.push(fake);
    const id = await submitJob(server, { runner: name });
    const line = await eventually(
      () => timeline(id),
      (seen) => typesOf(seen).includes('standing_claim'),
    );
    expect(typesOf(line).indexOf('standing_claim')).toBeLessThan(typesOf(line).indexOf('claimed'));
    expect(typesOf(line)).not.toContain('offered');
  });

  test('is not there for others, nor for what is no job', async () => {
    const id = await submitJob(server);
    const other = await createOrganization(server.databaseUrl);
    const asked = (path: string, token?: string) =>
      server.request('GET', `/api/v1/jobs/${path}/timeline`, undefined, token === undefined ? {} : { token });
    expect((await asked(id, other.token.owner)).status).toBe(404);
    expect((await asked('00000000-0000-7000-8000-000000000000')).status).toBe(404);
    expect((await asked("1' OR '1'='1")).status).toBe(404);
    expect((await asked(id)).status).toBe(200);
  });

  test('does not tell another tenant who ordered maintenance', async () => {
    await server.request('POST', '/api/v1/maintenance', { note: 'new disks' });
    const other = await createOrganization(server.databaseUrl);
    const body = { steps: [{ run: 'true' }] };
    const token = other.token.operator;
    const job = await server.request<{ id: string }>('POST', '/api/v1/jobs', body, { token });
    await server.request('DELETE', '/api/v1/maintenance');
    const line = (
      await server.request<JobTimeline>('GET', `/api/v1/jobs/${job.body.id}/timeline`, undefined, { token })
    ).body;
    const held = line.entries.find(({ type }) => type === 'held_by_pause');
    expect(held?.text).toMatch(/^Held back by a pause of the whole server \(maintenance\) until .*: new disks$/);
    expect(JSON.stringify(line)).not.toContain('test-owner');
  });
});
