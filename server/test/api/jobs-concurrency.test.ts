import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobDetail, JobId } from '@dibs/shared';
import { createRunner, eventually, heldOf, stepSucceeded, submitJob, succeeded } from '../support/fake-runner.js';
import { obligingRunner } from '../support/obliging-runner.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('twenty jobs of a group of one, and three runners with room for all of them', () => {
  test('run one after the other, in the order of submit', async () => {
    const running = new Set<JobId>();
    const ran: JobId[] = [];
    let mostAtOnce = 0;
    const credentials = await createRunner(server);
    const runners = await Promise.all(
      Array.from({ length: 3 }, () =>
        obligingRunner(server, credentials, 20, async (fake, job) => {
          running.add(job.jobId);
          ran.push(job.jobId);
          mostAtOnce = Math.max(mostAtOnce, running.size);
          if (job.startedStep !== 0) await fake.request('step:started', { ...heldOf(job), step: 0, atMs: Date.now() });
          await fake.request('step:finished', stepSucceeded(job, 0));
          // as the runner sees it the job is over before it reports it
          running.delete(job.jobId);
          await fake.finish(succeeded(job));
        }),
      ),
    );
    const jobs: JobId[] = [];
    for (let count = 0; count < 20; count += 1) {
      jobs.push(await submitJob(server, { concurrency: { key: 'one-by-one' } }));
    }
    const last = async (): Promise<JobDetail> => {
      return (await server.request<JobDetail>('GET', `/api/v1/jobs/${jobs[19]}`)).body;
    };
    await eventually(last, ({ state }) => state === 'succeeded');
    expect(ran).toEqual(jobs);
    expect(mostAtOnce).toBe(1);
    runners.forEach((fake) => fake.close());
  });
});
