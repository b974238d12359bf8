import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClaimId, ClaimResult, JobDetail, JobId, Offer } from '@dibs/shared';
import { randomUUID } from 'node:crypto';
import { withClient } from '../support/access-fixtures.js';
import { createRunner, eventually, heldOf, submitJob, type RunnerCredentials } from '../support/fake-runner.js';
import { fakeRunners } from '../support/fake-runners.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;
let runner: RunnerCredentials;
const { online } = fakeRunners();
const detail = async (id: string): Promise<JobDetail> =>
  (await server.request<JobDetail>('GET', `/api/v1/jobs/${id}`)).body;
/** What another server on the same database, or an accident, does behind the back of this one. */
const sql = (text: string, ...values: unknown[]): Promise<unknown> =>
  withClient(server.databaseUrl, (client) => client.query(text, values));

beforeAll(async () => {
  server = await startTestServer();
  runner = await createRunner(server);
});
afterAll(() => server.stop());

describe('a job whose secrets cannot be opened', () => {
  test('is refused for good and ends, and the other claims of the message are granted', async () => {
    const fake = await online(server, runner, { hello: { slots: 2 } });
    const [bad, good] = [
      await submitJob(server, { secrets: { TOKEN: 'hush-hush' }, onLost: 'fail' }),
      await submitJob(server, { secrets: { TOKEN: 'hush-hush' } }),
    ];
    await sql(`UPDATE job_submissions SET secrets = '\\x00112233' WHERE id = $1`, bad);
    const claims = [bad, good].map((jobId) => ({ claimId: randomUUID() as ClaimId, jobId }));
    const reply = await fake.request<{ results: ClaimResult[] }>('job:claim', { claims });
    expect(reply).toMatchObject({
      ok: true,
      results: [
        { ok: false, code: 'E_INTERNAL', retryable: false },
        { ok: true, job: { jobId: good } },
      ],
    });
    const granted = reply.ok ? reply.results[1] : undefined;
    if (granted?.ok) await fake.complete(granted.job);
    await eventually(
      () => detail(bad),
      ({ state, reason }) => state === 'failed' && reason === 'secrets_unreadable',
    );
  });
});

describe('a session that another server has closed for silence', () => {
  test('is told to connect again, and its job goes on', async () => {
    const fake = await online(server, runner, { renews: false });
    const job = await fake.take(await submitJob(server));
    await sql('UPDATE runner_instances SET session_id = NULL WHERE name = $1', fake.instance);
    void fake.renew().catch(() => undefined);
    expect((await fake.until('session:ended')).message).toMatchObject({ retryable: true });
    await fake.disconnected;
    const { instance, bootId } = fake;
    const again = await online(server, runner, { instance, bootId, hello: { held: [heldOf(job)] } });
    expect(again.welcome.attempts).toMatchObject([{ standing: 'current' }]);
    await again.complete(job);
  });
});

describe('an instance that was asked to drain through another server', () => {
  test('is not offered the same job over and over until it learns of it', async () => {
    const slow = await startTestServer({ TIME_SCALE: '1' });
    try {
      const pool = await createRunner(slow);
      const fake = await online(slow, pool);
      await withClient(slow.databaseUrl, (client) =>
        client.query('UPDATE runner_instances SET drain_requested = true WHERE name = $1', [fake.instance]),
      );
      let offers = 0;
      const refusals = new Set<string>();
      fake.socket.on('job:offer', ({ offers: made }: { offers: readonly Offer[] }) => {
        for (const { jobId } of made) {
          offers += 1;
          const noteRefusal = (result: ClaimResult): unknown => !result.ok && refusals.add(result.code);
          void fake.claim(jobId).then(noteRefusal, () => undefined);
        }
      });
      await submitJob(slow);
      await eventually(
        () => Promise.resolve([...refusals]),
        ([refusal]) => refusal === 'E_DRAINING',
      );
      // time in which a round goes out several times over, were the job offered again
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect([...refusals]).toEqual(['E_DRAINING']);
      expect(offers).toBe(1);
      // the renewal says it too, and is what settles the matter
      expect(await fake.renew()).toMatchObject({ ok: true, drain: true });
    } finally {
      await slow.stop();
    }
  });
});

describe('a claim that is repeated while the first try still waits in the database', () => {
  test('is not refused for good, because the first may yet be granted', async () => {
    const fake = await online(server, runner);
    const jobId: JobId = await submitJob(server);
    await fake.offerOf(jobId);
    // as the row looks to a repeated claim whose first try hangs before its commit
    await withClient(server.databaseUrl, async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT FROM jobs WHERE id = $1 FOR NO KEY UPDATE', [jobId]);
      expect(await fake.claim(jobId)).toMatchObject({ ok: false, code: 'E_UNAVAILABLE', retryable: true });
      await client.query('COMMIT');
    });
    await fake.complete(await fake.take(jobId));
  });
});
