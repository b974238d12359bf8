import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { FakeServer, step, type FakeJob } from './support/fake-server.js';
import { isRunning } from './support/is-running.js';
import { RunnerProcesses, type RunnerProcess } from './support/runner-process.js';
import { SlowLink } from './support/slow-link.js';

/** Prints the pids of itself and of a grandchild that left the process group, then goes on for longer than any test. */
const STUBBORN = 'trap "" TERM INT; echo $$; setsid sh -c \'echo $$; exec sleep 300\' & while :; do sleep 1; done';

describe('fencing', () => {
  const runners = new RunnerProcesses();
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
    server.timing = { ...server.timing, leaseMs: 6000, trustMs: 3000 };
  });
  afterEach(async () => {
    await runners.end();
    await server.stop();
  });

  const startStubborn = async (): Promise<{ job: FakeJob; pids: number[] }> => {
    const job = await server.run({ steps: [step(STUBBORN), step('echo never')] });
    await eventually('two pids', () => server.textOf(job).length === 2);
    return { job, pids: server.textOf(job).map(Number) };
  };
  const launchStallable = async (): Promise<RunnerProcess> => {
    const runner = runners.launch(server.url, {}, runners.folder(), true);
    await runner.says('connected');
    return runner;
  };

  describe('with a main loop that does nothing', () => {
    test('for longer than the lease: the work is ended in time, and told when it goes on', async () => {
      const runner = await launchStallable();
      const { job, pids } = await startStubborn();
      const stalledAtMs = performance.now();
      runner.stall(8000);
      await eventually('the end of all processes', () => !pids.some(isRunning));
      const endedAfterMs = performance.now() - stalledAtMs;
      expect(endedAfterMs).toBeLessThan(server.timing.leaseMs - server.timing.renewEveryMs);
      expect(endedAfterMs).toBeGreaterThan(server.timing.trustMs / 2);
      // it was not the main loop: that has not said a word since
      expect(runner.said('stopping')).toEqual([]);
      expect(await server.finished(job)).toMatchObject({ outcome: 'lost', reason: 'runner_fenced' });
      expect(runner.said('the watchdog thread ended the processes of an attempt')).toHaveLength(1);
      expect(runner.said('process spawned')).toHaveLength(1);
    });

    test('for less than the trust window: nothing happens', async () => {
      const runner = await launchStallable();
      const { job, pids } = await startStubborn();
      const renewals = server.messages('runner:renew').length;
      // shorter than the ping timeout of the fake, so that the connection stays too
      runner.stall(400);
      await eventually('more renewals', () => server.messages('runner:renew').length > renewals + 5);
      expect(pids.every(isRunning)).toBe(true);
      server.emit('job:cancel', { jobId: job.jobId, attempt: 1, mode: 'kill' });
      expect(await server.finished(job)).toMatchObject({ outcome: 'canceled' });
    });
  });

  test('a process that was stopped for longer than the lease ends its work when it goes on, and says so', async () => {
    const runner = await launchStallable();
    const { job, pids } = await startStubborn();
    runner.signal('SIGSTOP');
    const stoppedAtMs = performance.now();
    await eventually('the end of the lease', () => performance.now() - stoppedAtMs > server.timing.leaseMs);
    expect(pids.every(isRunning)).toBe(true); // nobody can, while it is stopped
    // even if the first thing that the main loop finds keeps it busy
    runner.stall(8000);
    const continuedAtMs = performance.now();
    runner.signal('SIGCONT');
    await eventually('the end of all processes', () => !pids.some(isRunning));
    expect(performance.now() - continuedAtMs).toBeLessThan(8000);
    expect(await server.finished(job)).toMatchObject({ outcome: 'lost', reason: 'runner_fenced' });
  });

  test('on a slow link renewals pass the log by: no lease is lost, and the log arrives whole', async () => {
    // a pong waits behind a frame of the log that is on its way, which takes most of a second here
    server.pingTimeoutMs = 10_000;
    // long enough for a busy machine, and still a few times shorter than the log takes
    server.timing = { ...server.timing, leaseMs: 8000, trustMs: 4000 };
    const link = await SlowLink.open(server.url, 100_000);
    try {
      const runner = await runners.start(link.url, { RUNNER_MAX_CONCURRENT_JOBS: '3' });
      const jobs = await Promise.all(
        [1, 2, 3].map(() => server.run({ steps: [step('seq -f "%0100.0f" 1 4500; echo done')] })),
      );
      await eventually('all results', () => jobs.every(({ finished }) => finished !== null));
      // several times the trust window: lying in one queue with it, the renewals would have been too late
      expect(link.sentBytes / 100_000).toBeGreaterThan((3 * server.timing.trustMs) / 1000);
      for (const job of jobs) {
        expect(job.finished).toMatchObject({ outcome: 'succeeded', lastSeq: 4501 });
        expect(server.textOf(job).at(-1)).toBe('done');
      }
      expect(runner.said('disconnected')).toEqual([]);
    } finally {
      await link.close();
    }
  });
});
