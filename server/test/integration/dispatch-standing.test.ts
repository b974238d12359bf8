import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { GrantedJob, JobDetail, JobId } from '@dibs/shared';
import { Dispatcher } from '../../src/dispatch/dispatcher.js';
import {
  createRunner,
  eventually,
  heldOf,
  submitJob,
  grantedIn,
  succeeded,
  type FakeRunner,
} from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { connect } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let database: Client;
const { online } = fakeRunners();

beforeAll(async () => {
  // nothing here waits for a lease or a sweep; runners must not be called silent because the machine is busy
  server = await startTestServer({ TIME_SCALE: '1' });
  database = await connect(server.databaseUrl);
});
afterAll(async () => {
  await database.end();
  await server.stop();
});

const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
const stateOf = async (id: string): Promise<string> => (await detail(id)).state;

const grantsLost = async (): Promise<number> => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^dibs_grants_total\{result="lost"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
};

/** Instances and jobs of one test meet by a label of their own. */
function lane() {
  const labels = { test: randomUUID() };
  const runner = createRunner(server);
  return {
    labels,
    requires: { requires: { labels } },
    standing: async (slots = 1, hello: object = {}, options: object = {}) =>
      online(server, await runner, { ...options, hello: { slots, standing: true, labels, ...hello } }),
  };
}

const grantsOf = (fake: FakeRunner): GrantedJob[] =>
  fake.received.flatMap(({ event, message }) => (event === 'job:granted' ? grantedIn(message) : []));

describe('a standing claim', () => {
  test('gets a job that has waited for months', async () => {
    const { requires, standing } = lane();
    const id = await submitJob(server, requires);
    await database.query(`UPDATE jobs SET queued_at = queued_at - interval '90 days' WHERE id = $1`, [id]);
    const fake = await standing();
    expect(await fake.grantOf(id)).toMatchObject({ attempt: 1 });
  });

  test('gets a submitted job without an offer, stored as running before the submit is answered', async () => {
    const { requires, standing } = lane();
    const fake = await standing();
    // the first job of a lane makes the server look at it
    const first = await submitJob(server, requires);
    await fake.complete(await fake.grantOf(first));
    const secrets = { TOKEN: 'hush-hush' };
    const { status, body } = await server.request<JobDetail>('POST', '/api/v1/jobs', {
      ...{ steps: [{ run: 'true' }], secrets },
      ...requires,
    });
    expect([status, body.state, body.attempt]).toEqual([201, 'running', 1]);
    const job = await fake.grantOf(body.id);
    expect(job).toMatchObject({ attempt: 1, secrets, startedStep: 0, spec: { slots: 1 } });
    expect(await detail(body.id)).toMatchObject({
      state: 'running',
      claimedBy: { instance: fake.instance },
      steps: [{ state: 'running' }],
    });
    expect(await fake.complete(job)).toEqual({ ok: true });
    expect(await detail(body.id)).toMatchObject({ state: 'succeeded', attempt: 1, exitCode: 0 });
    expect(fake.received.filter(({ event }) => event === 'job:offer')).toEqual([]);
  });

  test('gets a job that needs preparation as claimed, with no step started', async () => {
    const { requires, standing } = lane();
    const fake = await standing();
    await fake.complete(await fake.grantOf(await submitJob(server, requires)));
    const source = { type: 'git', url: 'https://example.org/repository.git' };
    const jobId = await submitJob(server, { ...requires, source });
    expect(await fake.grantOf(jobId)).toMatchObject({ startedStep: null });
    expect(await stateOf(jobId)).toBe('claimed');
  });

  test('gets jobs that waited for it, best first, several in one message', async () => {
    const { requires, standing } = lane();
    const low = await submitJob(server, { ...requires, priority: -1 });
    const older = await submitJob(server, requires);
    const high = await submitJob(server, { ...requires, priority: 9 });
    const newer = await submitJob(server, requires);
    const fake = await standing(3);
    await fake.grantOf(newer);
    const messages = fake.received.filter(({ event }) => event === 'job:granted');
    expect(messages).toHaveLength(1);
    expect(new Set(grantsOf(fake).map(({ jobId }) => jobId))).toEqual(new Set([high, older, newer]));
    expect(await stateOf(low)).toBe('queued');
    await fake.complete(grantsOf(fake)[0]!);
    await fake.grantOf(low);
  });

  test('of one of several: 300 jobs are granted once each, and never beyond the slots', async () => {
    const { labels, standing } = lane();
    const fakes = await Promise.all([standing(3), standing(5), standing(1)]);
    const [most, granted, working] = [fakes.map(() => 0), new Map<JobId, number>(), [] as Promise<unknown>[]];
    fakes.forEach((fake, index) => {
      const open = new Set<JobId>();
      fake.socket.on('job:granted', (message) => {
        for (const job of grantedIn(message)) {
          granted.set(job.jobId, (granted.get(job.jobId) ?? 0) + 1);
          open.add(job.jobId);
          fake.held.set(job.jobId, heldOf(job));
          most[index] = Math.max(most[index]!, open.size);
          // from here on the server may count the slot as free again
          working.push(Promise.resolve().then(() => (open.delete(job.jobId), fake.finish(succeeded(job)))));
        }
      });
    });
    const jobs = Array.from({ length: 300 }, () => ({
      ...{ steps: [{ run: 'true' }], executor: { type: 'noop' } },
      requires: { labels },
    }));
    const { body } = await server.request<{ items: { id: JobId }[] }>('POST', '/api/v1/jobs/bulk', { jobs });
    await eventually(
      () => Promise.resolve(granted.size),
      (size) => size === 300,
    );
    await Promise.all(working);
    expect(new Set(granted.values())).toEqual(new Set([1]));
    expect(most.every((count, index) => count <= [3, 5, 1][index]!)).toBe(true);
    await eventually(
      () => stateOf(body.items.at(-1)!.id),
      (state) => state === 'succeeded',
    );
  });

  test('counts what a job weighs', async () => {
    const { requires, standing } = lane();
    const fake = await standing(4);
    const heavy = await submitJob(server, { ...requires, slots: 3 });
    const job = await fake.grantOf(heavy);
    const second = await submitJob(server, { ...requires, slots: 3 });
    const light = await submitJob(server, { ...requires, slots: 1 });
    await fake.grantOf(light);
    expect(await stateOf(second)).toBe('queued');
    await fake.complete(job);
    await fake.grantOf(second);
    expect(grantsOf(fake).map(({ jobId }) => jobId)).toEqual([heavy, light, second]);
  });

  test('of a preferred instance goes before that of another one', async () => {
    const { labels, requires, standing } = lane();
    const plain = await standing(8);
    const fast = await standing(2, { labels: { ...labels, disk: 'nvme' } });
    const prefers = { requires: { ...requires.requires, prefers: { disk: 'nvme' } } };
    const jobIds = [];
    for (let count = 0; count < 3; count += 1) jobIds.push(await submitJob(server, prefers));
    await plain.grantOf(jobIds[2]!);
    await fast.grantOf(jobIds[0]!);
    await fast.grantOf(jobIds[1]!);
  });

  test('of a runner with a higher priority goes first, also after it was edited', async () => {
    const { labels, requires } = lane();
    const [one, other] = [await createRunner(server), await createRunner(server, { priority: 1 })];
    const hello = { slots: 50, standing: true, labels };
    const [plain, fast] = [await online(server, one, { hello }), await online(server, other, { hello })];
    for (let count = 0; count < 3; count += 1) await fast.grantOf(await submitJob(server, requires));
    const { status } = await server.request('PATCH', `/api/v1/runners/${one.runnerId}`, { priority: 2 });
    expect(status).toBe(200);
    await eventually(
      async () => {
        await submitJob(server, requires);
        return grantsOf(plain).length;
      },
      (count) => count > 0,
    );
  });

  test('of a runner that was renamed goes by its new name at once: jobs name it, and it is shown', async () => {
    const one = await createRunner(server);
    const fake = await online(server, one, { hello: { slots: 50, standing: true } });
    const name = `renamed-${randomUUID()}`;
    expect((await server.request('PATCH', `/api/v1/runners/${one.runnerId}`, { name })).status).toBe(200);
    for (let count = 0; count < 2; count += 1) {
      const jobId = await submitJob(server, { runner: name });
      await fake.grantOf(jobId);
      expect((await detail(jobId)).claimedBy?.runner).toBe(name);
    }
  });

  test('takes nothing while the runner says that it has no free slots, and then goes on', async () => {
    const { requires, standing } = lane();
    const fake = await standing(2, {}, { renews: false });
    await fake.complete(await fake.grantOf(await submitJob(server, requires)));
    await fake.renew({ freeSlots: 0 });
    const jobId = await submitJob(server, requires);
    expect(await stateOf(jobId)).toBe('queued');
    await fake.renew();
    await fake.grantOf(jobId);
  });
});

describe('a job that somebody else took', () => {
  test('is not granted, and its slot is free for the next one', async () => {
    const { requires, standing } = lane();
    const fake = await standing();
    const busy = await fake.grantOf(await submitJob(server, requires));
    const [stolen, next] = [await submitJob(server, requires), await submitJob(server, requires)];
    // what another server's claim would have left
    await database.query(`UPDATE jobs SET state = 'claimed', attempt = attempt + 1 WHERE id = $1`, [stolen]);
    await fake.complete(busy);
    await fake.grantOf(next);
    expect(grantsOf(fake).map(({ jobId }) => jobId)).not.toContain(stolen);
  });

  test('or is locked right now is granted when the lock is gone', async () => {
    const { requires, standing } = lane();
    const fake = await standing();
    const busy = await fake.grantOf(await submitJob(server, requires));
    const locked = await submitJob(server, requires);
    await database.query('BEGIN');
    await database.query('SELECT FROM jobs WHERE id = $1 FOR NO KEY UPDATE', [locked]);
    const before = await grantsLost();
    await fake.complete(busy);
    await eventually(grantsLost, (lost) => lost > before);
    await database.query('COMMIT');
    await fake.grantOf(locked);
  });

  test('and does not hold up those that are granted beside it, as long as the lock lasts', async () => {
    const { requires, standing } = lane();
    const fake = await standing(2);
    const busy = [
      await fake.grantOf(await submitJob(server, requires)),
      await fake.grantOf(await submitJob(server, requires)),
    ];
    const [locked, next] = [await submitJob(server, requires), await submitJob(server, requires)];
    await database.query('BEGIN');
    await database.query('SELECT FROM jobs WHERE id = $1 FOR NO KEY UPDATE', [locked]);
    await Promise.all(busy.map((job) => fake.complete(job)));
    await fake.grantOf(next);
    expect(grantsOf(fake).map(({ jobId }) => jobId)).not.toContain(locked);
    await database.query('COMMIT');
    await fake.grantOf(locked);
  });
});

describe('an instance without standing claims', () => {
  test('beside one that has them is offered what those have no slot for', async () => {
    const { labels, requires, standing } = lane();
    const runner = await createRunner(server);
    const sure = await standing();
    const asked = await online(server, runner, { hello: { labels } });
    const [first, second] = [await submitJob(server, requires), await submitJob(server, requires)];
    const job = await sure.grantOf(first);
    await asked.offerOf(second);
    await asked.complete(await asked.take(second));
    await sure.complete(job);
    expect(grantsOf(asked)).toEqual([]);
  });
});

describe('a draining instance', () => {
  test('with standing claims is granted nothing', async () => {
    const { requires, standing } = lane();
    const draining = await standing(1, { draining: true });
    const jobId = await submitJob(server, requires);
    const other = await standing();
    await other.grantOf(jobId);
    expect(grantsOf(draining)).toEqual([]);
  });
});

describe('many jobs of one runner', () => {
  test('begin with the best of all lanes that waited for it', async () => {
    const { labels, standing } = lane();
    const jobIds: JobId[] = [];
    // each has requirements, and with them a lane, of its own; the best comes last
    for (let priority = 0; priority < 8; priority += 1) {
      jobIds.push(await submitJob(server, { priority, requires: { labels, prefers: { lane: `${priority}` } } }));
    }
    const fake = await standing(1);
    for (const jobId of jobIds.toReversed()) await fake.complete(await fake.grantOf(jobId));
    expect(grantsOf(fake).map(({ jobId }) => jobId)).toEqual(jobIds.toReversed());
  });

  test('are drained in order of rank over all lanes of the organization', async () => {
    const { labels, standing } = lane();
    const one = { requires: { labels }, executor: { type: 'noop' } };
    const two = { ...one, slots: 1, requires: { labels, prefers: { never: 'there' } } };
    const fake = await standing(1);
    const first = await fake.grantOf(await submitJob(server, one));
    const jobIds: JobId[] = [];
    for (let count = 0; count < 4; count += 1) jobIds.push(await submitJob(server, count % 2 === 0 ? one : two));
    // a lane that this server has not read yet has no rank
    const dispatcher = server.app.get(Dispatcher, { strict: false });
    await eventually(
      () => Promise.resolve(jobIds.filter((jobId) => dispatcher.find(jobId) === undefined)),
      (unread) => unread.length === 0,
    );
    await fake.finish(succeeded(first));
    for (const jobId of jobIds) await fake.finish(succeeded(await fake.grantOf(jobId)));
    expect(grantsOf(fake).map(({ jobId }) => jobId)).toEqual([first.jobId, ...jobIds]);
  });
});
