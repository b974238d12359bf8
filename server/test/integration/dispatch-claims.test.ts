import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GrantedJob, JobDetail, Offer } from '@dibs/shared';
import { createRunner, eventually, submitJob, submitJobs, type RunnerCredentials } from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let runner: RunnerCredentials;
const { online } = fakeRunners();
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

beforeAll(async () => {
  // nothing here waits for a lease or a sweep; runners must not be called silent because the machine is busy
  server = await startTestServer({ TIME_SCALE: '1' });
  runner = await createRunner(server);
});
afterAll(() => server.stop());

describe('offers', () => {
  test('reach a connected runner when a job is submitted, and its claim gives the spec and the secrets', async () => {
    const fake = await online(server, runner);
    const jobId = await submitJob(server, { secrets: { TOKEN: 'hush-hush' }, env: { CI: 'yes' } });
    await fake.offerOf(jobId);
    const job = await fake.take(jobId);
    expect(job).toMatchObject({ jobId, attempt: 1, secrets: { TOKEN: 'hush-hush' }, spec: { env: { CI: 'yes' } } });
    expect(job.claimToken.length).toBeGreaterThanOrEqual(32);
    expect(await fake.complete(job)).toEqual({ ok: true });
    expect(await detail(jobId)).toMatchObject({ state: 'succeeded', attempt: 1, exitCode: 0 });
  });

  test('wait for a runner that connects later', async () => {
    const jobId = await submitJob(server);
    const fake = await online(server, runner);
    await fake.offerOf(jobId);
    await fake.complete(await fake.take(jobId));
  });

  test('carry the best waiting job when a slot becomes free: priority first, then age', async () => {
    const fake = await online(server, runner);
    const busy = await submitJob(server);
    await fake.offerOf(busy);
    const job = await fake.take(busy);
    const [low, older, newer, high] = [
      await submitJob(server, { priority: -1 }),
      await submitJob(server),
      await submitJob(server),
      await submitJob(server, { priority: 5 }),
    ];
    let current = job;
    for (const next of [high, older, newer, low]) {
      await fake.complete(current);
      await fake.offerOf(next);
      current = await fake.take(next);
    }
    await fake.complete(current);
    const offered = fake.received.flatMap(({ event, message }) =>
      event === 'job:offer' ? (message as { offers: Offer[] }).offers.map((offer) => offer.jobId) : [],
    );
    expect([...new Set(offered)]).toEqual([busy, high, older, newer, low]);
  });

  test('come several in one message when several slots are free', async () => {
    const jobIds = await Promise.all(Array.from({ length: 4 }, () => submitJob(server)));
    const fake = await online(server, runner, { hello: { slots: 4 } });
    const { message } = await fake.until('job:offer');
    expect((message as { offers: Offer[] }).offers).toHaveLength(4);
    for (const jobId of jobIds) await fake.complete(await fake.take(jobId));
  });

  test('are withdrawn from the losers', async () => {
    const [winner, loser] = [await online(server, runner), await online(server, runner)];
    const jobId = await submitJob(server);
    await Promise.all([winner.offerOf(jobId), loser.offerOf(jobId)]);
    const job = await winner.take(jobId);
    await loser.until('job:withdraw', (message) => (message as { jobIds: string[] }).jobIds.includes(jobId));
    expect(await loser.claim(jobId)).toMatchObject({ ok: false, code: 'E_ALREADY_CLAIMED', retryable: false });
    await winner.complete(job);
  });

  test('go only to instances that fit', async () => {
    const fitting = await online(server, runner, {
      instance: 'fitting',
      hello: { tools: [{ name: 'terraform', version: '1.9.0' }], labels: { zone: 'eu' } },
    });
    const other = await online(server, runner, { instance: 'other', hello: { labels: { zone: 'us' } } });
    const jobId = await submitJob(server, { requires: { tools: ['terraform'], labels: { zone: 'eu' } } });
    await fitting.offerOf(jobId);
    expect(await other.claim(jobId)).toMatchObject({ ok: false, code: 'E_FORBIDDEN' });
    await fitting.complete(await fitting.take(jobId));
    expect(other.received.filter(({ event }) => event === 'job:offer')).toEqual([]);
  });

  test('reach somebody else when the first ones do not answer', async () => {
    const silent = await Promise.all(Array.from({ length: 6 }, () => online(server, runner)));
    const jobId = await submitJob(server);
    // the first round asks four; the other two hear of it because nobody claims
    await Promise.all(silent.map((fake) => fake.offerOf(jobId)));
    await silent[5]!.complete(await silent[5]!.take(jobId));
  });
});

describe('claims', () => {
  test('20 runners race for 500 jobs: every job has exactly one claim', async () => {
    const fakes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        online(server, runner, { instance: `racer-${index}`, hello: { slots: 5 } }),
      ),
    );
    const granted = new Map<string, string[]>();
    const running: Promise<unknown>[] = [];
    for (const fake of fakes) {
      fake.socket.on('job:offer', ({ offers }: { offers: Offer[] }) => {
        running.push(
          ...offers.map(async ({ jobId }) => {
            const result = await fake.claim(jobId);
            if (!result.ok) return;
            granted.set(jobId, [...(granted.get(jobId) ?? []), fake.instance]);
            await fake.complete(result.job);
          }),
        );
      });
    }
    const jobIds = await submitJobs(server, 500);
    await eventually(
      async () =>
        (
          await server.request<{ items: unknown[] }>(
            'GET',
            '/api/v1/jobs?state=queued&state=claimed&state=running&limit=1',
          )
        ).body,
      ({ items }) => items.length === 0,
    );
    await Promise.all(running);
    expect([...granted.keys()].sort()).toEqual([...jobIds].sort());
    expect([...granted.values()].filter((winners) => winners.length !== 1)).toEqual([]);
    for (const jobId of jobIds.slice(0, 20)) {
      expect(await detail(jobId)).toMatchObject({ state: 'succeeded', attempt: 1, attempts: [{ attempt: 1 }] });
    }
  });

  test('of a job never offered win when the instance fits, all of them at once or not', async () => {
    const fakes = await Promise.all(Array.from({ length: 8 }, () => online(server, runner)));
    const jobId = await submitJob(server);
    const results = await Promise.all(fakes.map((fake) => fake.claim(jobId)));
    const winners = results.filter((result) => result.ok);
    expect(winners).toHaveLength(1);
    expect(results.filter((result) => !result.ok && result.code === 'E_ALREADY_CLAIMED')).toHaveLength(7);
    const index = results.findIndex((result) => result.ok);
    await fakes[index]!.complete((winners[0] as { job: GrantedJob }).job);
  });

  test('repeated with the same claimId are the same attempt, at once, later, and after a reconnect', async () => {
    const first = await online(server, runner, { instance: 'repeats' });
    const jobId = await submitJob(server);
    const claimId = randomUUID();
    const [one, two] = await Promise.all([first.take(jobId, claimId), first.take(jobId, claimId)]);
    expect(two).toEqual(one);
    expect(await first.take(jobId, claimId)).toEqual(one);
    first.close();
    const again = await online(server, runner, { instance: 'repeats', bootId: first.bootId });
    expect(await again.take(jobId, claimId)).toEqual(one);
    expect(await again.claim(jobId)).toMatchObject({ ok: false, code: 'E_ALREADY_CLAIMED' });
    await again.complete(one);
    expect(await detail(jobId)).toMatchObject({ attempt: 1, attempts: [{ attempt: 1 }] });
    expect(await again.claim(jobId, claimId)).toMatchObject({ ok: false, code: 'E_FENCED' });
  });

  test('with the claimId of another claim are refused and leave both jobs as they are', async () => {
    const [one, two] = [await online(server, runner), await online(server, runner)];
    const [first, second] = [await submitJob(server), await submitJob(server)];
    const claimId = randomUUID();
    const job = await one.take(first, claimId);
    expect(await two.claim(second, claimId)).toMatchObject({ ok: false, code: 'E_CONFLICT' });
    await two.complete(await two.take(second));
    await one.complete(job);
  });

  test('beyond the slots are refused', async () => {
    const fake = await online(server, runner, { hello: { slots: 1 } });
    const [first, second] = [await submitJob(server), await submitJob(server)];
    const job = await fake.take(first);
    expect(await fake.claim(second)).toMatchObject({ ok: false, code: 'E_CONFLICT', retryable: false });
    await fake.complete(job);
    await fake.complete(await fake.take(second));
  });

  test('of a draining instance are refused, and it hears of no more jobs', async () => {
    const fake = await online(server, runner, { hello: { draining: true } });
    const jobId = await submitJob(server);
    expect(await fake.claim(jobId)).toMatchObject({ ok: false, code: 'E_DRAINING' });
    expect(fake.received).toEqual([]);
    const other = await online(server, runner);
    await other.offerOf(jobId);
    await other.complete(await other.take(jobId));
  });

  test.each(['a missing job', 'a job that has ended'])('of %s are refused', async (which) => {
    const fake = await online(server, runner);
    if (which === 'a missing job') {
      expect(await fake.claim(randomUUID())).toMatchObject({ ok: false, code: 'E_NOT_FOUND' });
      return;
    }
    const jobId = await submitJob(server, { requires: { tools: ['nobody-has-this'] } });
    await server.request('POST', `/api/v1/jobs/${jobId}/cancel`);
    expect(await fake.claim(jobId)).toMatchObject({ ok: false, code: 'E_ALREADY_CLAIMED' });
  });
});
