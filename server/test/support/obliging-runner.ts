import type { GrantedJob, Offer, ResultReply } from '@dibs/shared';
import { FakeRunner, type RunnerCredentials } from './fake-runner.js';
import type { TestServer } from './test-server.js';

/** Claims whatever it is offered while it has a free slot, and does with it what the test says. */
export async function obligingRunner(
  server: TestServer,
  credentials: RunnerCredentials,
  slots: number,
  work: (fake: FakeRunner, job: GrantedJob) => Promise<unknown> = (fake, job) => fake.complete(job),
): Promise<FakeRunner> {
  const fake = await FakeRunner.connect(server, credentials);
  fake.socket.on('job:offer', ({ offers }: { readonly offers: readonly Offer[] }) => {
    for (const { jobId } of offers) {
      void fake.claim(jobId).then(
        async (result) => {
          if (result.ok) await work(fake, result.job).catch(unlessClosed);
        },
        () => undefined,
      );
    }
  });
  // the last acknowledgements may still be on their way when the test has seen what it wanted and closes the runner
  const unlessClosed = (error: unknown): void => {
    if (fake.socket.connected) throw error;
  };
  const reply = await fake.hello({ slots });
  if (!reply.ok) throw new Error(`hello was refused: ${reply.code} ${reply.message}`);
  fake.keepRenewing(reply.timing.renewEveryMs);
  return fake;
}

/** Fails the job with this exit code, as its only step would. */
export async function failWith(fake: FakeRunner, job: GrantedJob, exitCode: number): Promise<ResultReply> {
  const { jobId, attempt, claimToken } = job;
  const held = { jobId, attempt, claimToken };
  await fake.request('step:started', { ...held, step: 0, atMs: Date.now() });
  await fake.request('step:finished', { ...held, step: 0, atMs: Date.now(), state: 'failed', exitCode, signal: null });
  return fake.finish({ ...held, outcome: 'failed', reason: 'step_failed', exitCode, lastSeq: 0, atMs: Date.now() });
}
