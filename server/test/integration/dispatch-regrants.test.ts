import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { GrantedJob, InstanceId, JobDetail, JobFinished } from '@dibs/shared';
import { InstanceRegistry } from '../../src/dispatch/instance-registry.js';
import {
  createRunner,
  eventually,
  grantedIn,
  heldOf,
  stepSucceeded,
  submitJob,
  succeeded,
  type FakeRunner,
  type RunnerCredentials,
} from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { connect } from '../support/job-fixtures.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let database: Client;
let runner: RunnerCredentials;
const { online } = fakeRunners();

beforeAll(async () => {
  server = await startTestServer({ TIME_SCALE: '1' });
  database = await connect(server.databaseUrl);
  runner = await createRunner(server);
});
afterAll(async () => {
  await database.end();
  await server.stop();
});

const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;

/** Jobs pinned to one standing instance, which renews only when the test says so. */
async function standing(hello: object = {}, options: object = {}) {
  const instance = `regrant-${randomUUID()}`;
  const settings = { instance, renews: false, ...options, hello: { standing: true, slots: 2, ...hello } };
  const fake = await online(server, runner, settings);
  const submit = (body: object = {}) => submitJob(server, { ...body, instance: fake.instance });
  return { fake, submit };
}

const again = (fake: FakeRunner, hello: object = {}, bootId = fake.bootId) =>
  standing(hello, { instance: fake.instance, bootId });

/** Another process of the same name, which is let in when the server has noted that the first one is gone. */
const restart = async (fake: FakeRunner): ReturnType<typeof standing> => {
  const restarted = await eventually(
    () =>
      again(fake, {}, randomUUID()).catch((error: Error) => {
        if (!error.message.includes('E_DUPLICATE_INSTANCE')) throw error;
        return null;
      }),
    (attempt) => attempt !== null,
  );
  return restarted!;
};

const leaseOf = async (jobId: string): Promise<Date> => {
  const { rows } = await database.query<{ at: Date }>(
    'SELECT lease_expires_at AS at FROM job_attempts WHERE job_id = $1 AND ended_at IS NULL',
    [jobId],
  );
  return rows[0]!.at;
};

const grantsOf = (fake: FakeRunner, jobId: string): GrantedJob[] =>
  fake.received
    .filter(({ event }) => event === 'job:granted')
    .flatMap(({ message }) => grantedIn(message))
    .filter((job) => job.jobId === jobId);

const lost = (job: GrantedJob): JobFinished => {
  return { ...succeeded(job), outcome: 'lost', reason: 'drain_deadline', exitCode: null };
};

const instanceOf = (fake: FakeRunner & { welcome: { instanceId: InstanceId } }) =>
  server.app.get(InstanceRegistry).get(fake.welcome.instanceId)!;

describe('a grant whose connection was cut', () => {
  test('comes again with the next hello of the same process, whole and with a new lease', async () => {
    const { fake, submit } = await standing();
    const jobId = await submit({ secrets: { TOKEN: 'hush-hush' } });
    const job = await fake.grantOf(jobId);
    const lease = await leaseOf(jobId);
    fake.close();
    const { fake: back } = await again(fake);
    expect(back.welcome.granted).toEqual([job]);
    expect((await leaseOf(jobId)).getTime()).toBeGreaterThan(lease.getTime());
    expect(await back.complete(job)).toEqual({ ok: true });
    expect(await detail(jobId)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('does not come again when the runner holds it, and its slots stay counted', async () => {
    const { fake, submit } = await standing({ slots: 1 });
    const job = await fake.grantOf(await submit());
    const waiting = await submit();
    fake.close();
    const { fake: back } = await again(fake, { slots: 1, held: [heldOf(job)] });
    expect(back.welcome).toMatchObject({ granted: [], attempts: [{ jobId: job.jobId, standing: 'current' }] });
    expect(await detail(waiting)).toMatchObject({ state: 'queued' });
    await back.complete(job);
    await back.grantOf(waiting);
  });

  test('is not given to another process of the same name', async () => {
    const { fake, submit } = await standing();
    await fake.grantOf(await submit());
    fake.close();
    const { fake: restarted } = await restart(fake);
    expect(restarted.welcome.granted).toEqual([]);
  });

  test('is not given to another process by its renewals or its next hello either, and uses no slot of it', async () => {
    const { fake, submit } = await standing();
    const jobId = await submit();
    await fake.grantOf(jobId);
    fake.close();
    const { fake: restarted } = await restart(fake);
    for (let count = 0; count < 3; count += 1) await restarted.renew();
    expect(instanceOf(restarted)).toMatchObject({ freeSlots: 2, unresponsive: false });
    restarted.close();
    const { fake: back } = await again(restarted);
    expect(back.welcome.granted).toEqual([]);
    expect(instanceOf(back).freeSlots).toBe(2);
    expect([...grantsOf(restarted, jobId), ...grantsOf(back, jobId)]).toEqual([]);
  });

  test.each([
    ['the end of its step', 'step:finished', (job: GrantedJob) => stepSucceeded(job, 0)],
    [
      'a line of its log',
      'job:log',
      (job: GrantedJob) => ({ ...heldOf(job), firstSeq: 1, lines: [[Date.now(), 0, 'o', 'hello']] }),
    ],
  ])('does not come again after %s: what has begun must not run twice', async (_what, event, messageOf) => {
    const { fake, submit } = await standing();
    const jobId = await submit();
    expect(await fake.request(event, messageOf(await fake.grantOf(jobId)))).toMatchObject({ ok: true });
    fake.close();
    const { fake: back } = await again(fake);
    expect(back.welcome.granted).toEqual([]);
    const lease = await leaseOf(jobId);
    for (let count = 0; count < 4; count += 1) await back.renew();
    expect(grantsOf(back, jobId)).toEqual([]);
    expect(await leaseOf(jobId)).toEqual(lease);
  });

  test('ends with a reason when its secrets do not open any more', async () => {
    const { fake, submit } = await standing();
    const jobId = await submit({ secrets: { TOKEN: 'hush-hush' } });
    await fake.grantOf(jobId);
    fake.close();
    await database.query(`UPDATE job_submissions SET secrets = '\\x00112233' WHERE id = $1`, [jobId]);
    const { fake: back } = await again(fake);
    expect(back.welcome.granted).toEqual([]);
    await eventually(
      () => detail(jobId),
      ({ state, reason }) => state === 'failed' && reason === 'secrets_unreadable',
    );
  });

  test('of many large jobs comes in several messages', async () => {
    const { fake, submit } = await standing({ slots: 4 });
    const jobIds = [];
    for (const letter of 'abcd') {
      jobIds.push(await submit({ files: [{ path: 'large.txt', content: letter.repeat(100_000) }] }));
    }
    for (const jobId of jobIds) await fake.grantOf(jobId);
    fake.close();
    const { fake: back } = await again(fake, { slots: 4 });
    expect(back.welcome.granted).toHaveLength(2);
    const inWelcome = new Set(back.welcome.granted.map(({ jobId }) => jobId));
    for (const jobId of jobIds) if (!inWelcome.has(jobId)) await back.grantOf(jobId);
  });
});

describe('a grant that renewals do not name', () => {
  test('is sent again after two of them, with a new lease, and the instance is shown as unresponsive until then', async () => {
    const { fake, submit } = await standing();
    const job = await fake.grantOf(await submit());
    fake.held.clear();
    const lease = await leaseOf(job.jobId);
    await fake.renew();
    expect(grantsOf(fake, job.jobId)).toHaveLength(1);
    expect(instanceOf(fake).unresponsive).toBe(false);
    await fake.renew();
    await eventually(
      () => Promise.resolve(grantsOf(fake, job.jobId)),
      (grants) => grants.length === 2,
    );
    expect(grantsOf(fake, job.jobId)[1]).toEqual(job);
    expect((await leaseOf(job.jobId)).getTime()).toBeGreaterThan(lease.getTime());
    expect(instanceOf(fake).deafness).toMatch(/does not take up/);
    await fake.renew({ held: [heldOf(job)] });
    expect(instanceOf(fake).unresponsive).toBe(false);
  });

  test('and of which nobody noted the answer is counted, and told', async () => {
    const { fake, submit } = await standing({ slots: 3 });
    const job = await fake.grantOf(await submit({ slots: 2 }));
    fake.held.clear();
    // as after a statement whose answer got lost on the way from the database
    const instance = instanceOf(fake);
    instance.current.clear();
    instance.usedSlots = 0;
    await fake.renew();
    await fake.renew();
    await fake.renew();
    await eventually(
      () => Promise.resolve(grantsOf(fake, job.jobId)),
      (grants) => grants.length >= 2,
    );
    expect(instance.freeSlots).toBe(1);
    await fake.complete(job);
    expect(instance.freeSlots).toBe(3);
  });
});

describe('the count of slots', () => {
  test('goes on with its weight when a result is not accepted, and a late one of an earlier attempt frees nothing', async () => {
    const { fake, submit } = await standing({ slots: 3 });
    const job = await fake.grantOf(await submit({ slots: 2 }));
    const instance = instanceOf(fake);
    expect(await fake.finish({ ...succeeded(job), lastSeq: 7 })).toMatchObject({ ok: false, code: 'E_GAP' });
    expect(instance.freeSlots).toBe(1);
    expect(await fake.finish(succeeded(job))).toMatchObject({ ok: false, code: 'E_CONFLICT' });
    expect(instance.freeSlots).toBe(1);

    expect(await fake.finish(lost(job))).toEqual({ ok: true });
    const second = (
      await eventually(
        () => Promise.resolve(grantsOf(fake, job.jobId)),
        (grants) => grants.length === 2,
      )
    )[1]!;
    expect(second.attempt).toBe(2);
    expect(instance.freeSlots).toBe(1);
    expect(await fake.finish(succeeded(job))).toMatchObject({ ok: false, code: 'E_FENCED' });
    expect(instance.freeSlots).toBe(1);
    await fake.complete(second);
    expect(instance.freeSlots).toBe(3);
  });

  test('does not take up what a renewal has seen just before it ended', async () => {
    const { fake, submit } = await standing({ slots: 2 });
    const job = await fake.grantOf(await submit());
    const instance = instanceOf(fake);
    // the result was accepted, and its answer has overtaken that of the renewal
    instance.current.delete(job.jobId);
    instance.usedSlots = 0;
    await fake.renew();
    expect(instance).toMatchObject({ freeSlots: 2, stopped: false });
  });

  test('does not take a weighted job that has just ended for a runner that wants nothing', async () => {
    const { fake, submit } = await standing({ slots: 3 });
    const job = await fake.grantOf(await submit({ slots: 3 }));
    const instance = instanceOf(fake);
    instance.current.delete(job.jobId);
    instance.usedSlots = 0;
    await fake.renew({ freeSlots: 0 });
    expect(instance).toMatchObject({ freeSlots: 3, stopped: false });
  });
});

describe('an instance that answers no offers', () => {
  test('is shown as unresponsive, still asked when there is nobody else, and forgiven with its first claim', async () => {
    const { fake, submit } = await standing({ standing: false, slots: 1 });
    const instance = instanceOf(fake);
    const jobId = await submit();
    await eventually(
      () => Promise.resolve(instance.unresponsive),
      (is) => is,
    );
    expect(instance.deafness).toMatch(/does not answer offers/);
    expect(fake.received.some(({ event }) => event === 'session:ended')).toBe(false);
    const job = await fake.take(jobId);
    expect(instance.unresponsive).toBe(false);
    await fake.complete(job);
  });
});
