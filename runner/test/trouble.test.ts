import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CancelMode } from '@dibs/shared';
import { eventually } from './support/eventually.js';
import { FakeServer, refusal, step, type FakeJob } from './support/fake-server.js';
import { isRunning } from './support/is-running.js';
import { namesIn, namesInAll } from './support/names-in.js';
import { RunnerProcesses, type RunnerProcess } from './support/runner-process.js';

/** Prints the pids of itself and of a grandchild that left the process group, then goes on for longer than any test. */
const STUBBORN = 'trap "" TERM INT; echo $$; setsid sh -c \'echo $$; exec sleep 300\' & while :; do sleep 1; done';

describe('trouble', () => {
  const runners = new RunnerProcesses();
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
  });
  afterEach(async () => {
    await runners.end();
    await server.stop();
  });

  const startStubborn = async (then = [step('echo never')]): Promise<{ job: FakeJob; pids: number[] }> => {
    const job = await server.run({ steps: [step(STUBBORN), ...then] });
    await eventually('two pids', () => server.textOf(job).length === 2);
    const pids = server.textOf(job).map(Number);
    expect(pids.every(isRunning)).toBe(true);
    return { job, pids };
  };
  const noneRuns = (pids: number[]) => eventually('the end of all processes', () => !pids.some(isRunning));

  describe('cancel', () => {
    test.each<CancelMode>(['graceful', 'kill'])('%s ends the whole tree', async (mode) => {
      await runners.start(server.url);
      const { job, pids } = await startStubborn();
      server.emit('job:cancel', { jobId: job.jobId, attempt: 1, mode });
      expect(await server.finished(job)).toMatchObject({ outcome: 'canceled', reason: 'canceled' });
      expect(job.finishedSteps.map(({ state }) => state)).toEqual(['canceled', 'skipped']);
      expect(pids.some(isRunning)).toBe(false);
    });

    test('a job that goes when asked gets the time for it', async () => {
      await runners.start(server.url);
      const job = await server.run({ steps: [step('trap "echo tidied; exit 0" TERM; echo up; sleep 60 & wait')] });
      await eventually('the first line', () => server.textOf(job).includes('up'));
      server.emit('job:cancel', { jobId: job.jobId, attempt: 1, mode: 'graceful' });
      expect(await server.finished(job)).toMatchObject({ outcome: 'canceled' });
      expect(server.textOf(job)).toEqual(['up', 'tidied']);
    });

    test('after_step lets the running step end', async () => {
      const runner = await runners.start(server.url);
      const go = join(runner.workDir, 'go');
      const job = await server.run({
        steps: [step(`echo up; while [ ! -e ${go} ]; do sleep 0.01; done; echo ended`), step('echo never')],
      });
      await eventually('the first line', () => server.textOf(job).includes('up'));
      server.emit('job:cancel', { jobId: job.jobId, attempt: 1, mode: 'after_step' });
      await runner.says('stopping');
      writeFileSync(go, '');
      expect(await server.finished(job)).toMatchObject({ outcome: 'canceled' });
      expect(server.textOf(job)).toEqual(['up', 'ended']);
      expect(job.finishedSteps.map(({ state }) => state)).toEqual(['succeeded', 'skipped']);
    });

    test('a cancel that was lost comes with the renewal', async () => {
      await runners.start(server.url);
      const { job } = await startStubborn();
      job.cancel = { jobId: job.jobId, attempt: 1, mode: 'kill' };
      expect(await server.finished(job)).toMatchObject({ outcome: 'canceled' });
    });

    test('a cancel of another attempt is not for this one', async () => {
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      server.emit('job:cancel', { jobId: job.jobId, attempt: 2, mode: 'kill' });
      const renewals = server.messages('runner:renew').length;
      await eventually('more renewals', () => server.messages('runner:renew').length > renewals + 3);
      expect(runner.said('stopping')).toHaveLength(0);
      expect(pids.every(isRunning)).toBe(true);
    });
  });

  describe('fences', () => {
    const expectForgotten = async (runner: RunnerProcess, job: FakeJob, pids: number[]): Promise<void> => {
      await noneRuns(pids);
      await eventually('the forgotten attempt', () => namesIn(runner.workDir, 'journal').length === 0);
      expect(namesIn(runner.workDir, 'workspaces')).toEqual([]);
      expect(job.finished).toBeNull();
      const next = await server.run({ steps: [step('true')] });
      await server.finished(next);
    };

    test('told with a renewal: killed, cleaned up, forgotten, and the slot is free', async () => {
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      job.fenced = true;
      await expectForgotten(runner, job, pids);
    });

    test('told after a reconnect', async () => {
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      await server.stop();
      job.fenced = true;
      await server.listen();
      await expectForgotten(runner, job, pids);
    });

    test('told with the answer to step:started: nothing was started', async () => {
      const runner = await runners.start(server.url);
      server.script('step:started', refusal('E_FENCED'));
      const job = await server.run({ steps: [step('echo never')] });
      await expectForgotten(runner, job, []);
      expect(server.textOf(job)).toEqual([]);
    });

    test('without contact the runner kills its work before the lease can end', async () => {
      server.timing = { ...server.timing, leaseMs: 4 * server.timing.trustMs };
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      const cutAt = performance.now();
      await server.stop();
      await noneRuns(pids);
      expect(performance.now() - cutAt).toBeLessThan(server.timing.leaseMs);
      expect(performance.now() - cutAt).toBeGreaterThan(server.timing.trustMs / 2);
      await eventually('the result on disk', () =>
        namesIn(runner.workDir, 'results').some((name) => name.endsWith('.json')),
      );
      await server.listen();
      expect(await server.finished(job)).toMatchObject({ outcome: 'lost', reason: 'runner_fenced' });
    });

    test('a runner that was frozen past its trust window kills its work before it does anything else', async () => {
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      runner.signal('SIGSTOP');
      const frozenAt = performance.now();
      await eventually('the end of the window', () => performance.now() - frozenAt > server.timing.trustMs + 200);
      job.fenced = true;
      runner.signal('SIGCONT');
      await noneRuns(pids);
      await eventually('the forgotten attempt', () => namesIn(runner.workDir, 'journal').length === 0);
    });

    test('renewals that are not answered on an open connection: reconnects and keeps the job', async () => {
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      server.script('runner:renew', 'ignore', 'ignore');
      await runner.says('disconnected');
      await runner.says('connected', 2);
      expect(server.hellos.at(-1)?.held).toMatchObject([{ jobId: job.jobId, attempt: 1 }]);
      expect(pids.every(isRunning)).toBe(true);
    });
  });

  describe('kill -9 of the runner', () => {
    test('in mid-step: the next start ends what is left, ships the log and reports runner_restarted', async () => {
      const runner = await runners.start(server.url);
      const { job, pids } = await startStubborn();
      await server.stop();
      await runner.kill();
      expect(pids.every(isRunning)).toBe(true);
      await server.listen();
      const next = await runners.start(server.url, {}, runner.workDir);
      expect(server.hellos.at(-1)?.held).toMatchObject([{ jobId: job.jobId, attempt: 1, claimToken: job.claimToken }]);
      expect(pids.some(isRunning)).toBe(false);
      expect(await server.finished(job)).toMatchObject({ outcome: 'lost', reason: 'runner_restarted' });
      expect(next.said('process spawned')).toHaveLength(0);
      expect(server.handshakes.at(0)?.bootId).not.toBe(server.handshakes.at(-1)?.bootId);
      await eventually('the clean folders', () => namesInAll(runner.workDir).length === 0);
    });

    test('with lines in the spool: they arrive, once and in order', async () => {
      const runner = await runners.start(server.url);
      const go = join(runner.workDir, 'go');
      const job = await server.run({
        steps: [step(`echo 1; while [ ! -e ${go} ]; do sleep 0.01; done; seq 2 5000; touch ${go}.ed; sleep 60`)],
      });
      await eventually('the first line', () => server.textOf(job).length === 1);
      await server.stop();
      await runner.says('disconnected');
      writeFileSync(go, '');
      await eventually('the printed lines', () => existsSync(`${go}.ed`) && spoolHolds(runner, job, '5000'));
      await runner.kill();
      await server.listen();
      await runners.start(server.url, {}, runner.workDir);
      const result = await server.finished(job);
      const text = server.textOf(job).map((line) => `${line}\n`);
      const sha256 = createHash('sha256').update(text.join('')).digest('hex');
      expect(result.log).toContainEqual({ step: 0, lines: 5000, bytes: text.join('').length, sha256 });
      expect(server.textOf(job)).toEqual(Array.from({ length: 5000 }, (_, index) => String(index + 1)));
    });

    test('with the spool gone: the log says so', async () => {
      const runner = await runners.start(server.url);
      const { job } = await startStubborn();
      await runner.kill();
      rmSync(join(runner.workDir, 'spool'), { recursive: true });
      await runners.start(server.url, {}, runner.workDir);
      const result = await server.finished(job);
      // what it had counted went with the spool
      expect(result.log).toBeUndefined();
      expect(job.lines.filter((line) => line[4]?.reason === 'spool_lost').length).toBeGreaterThan(0);
      expect(server.textOf(job)).toHaveLength(2);
    });

    test('after the job ended: it stays ended as it was', async () => {
      const runner = await runners.start(server.url);
      const go = join(runner.workDir, 'go');
      const job = await server.run({ steps: [step(`echo up; while [ ! -e ${go} ]; do sleep 0.01; done; exit 4`)] });
      await eventually('the first line', () => server.textOf(job).includes('up'));
      await server.stop();
      writeFileSync(go, '');
      await eventually('the result on disk', () =>
        namesIn(runner.workDir, 'results').some((name) => name.endsWith('.json')),
      );
      await runner.kill();
      await server.listen();
      await runners.start(server.url, {}, runner.workDir);
      expect(await server.finished(job)).toMatchObject({ outcome: 'failed', reason: 'step_failed', exitCode: 4 });
      expect(job.finishedSteps).toMatchObject([{ step: 0, state: 'failed', exitCode: 4 }]);
    });

    test.each([
      ['made before', true],
      ['made for it', false],
    ])('the journal knows the attempt before its first process runs: entry %s', async (_when, isPrepared) => {
      const runner = await runners.start(server.url);
      const prepared = () => namesIn(runner.workDir, 'prepared').filter((name) => name.startsWith('entry'));
      await eventually('prepared entries', () => prepared().length > 0);
      if (!isPrepared) for (const name of prepared()) rmSync(join(runner.workDir, 'prepared', name));
      const job = await server.run({ steps: [step(`ls ${runner.workDir}/journal; cat ${runner.workDir}/journal/*`)] });
      await server.finished(job);
      const [name, entry = ''] = server.textOf(job);
      expect(name).toBe(`${job.jobId}-1.json`);
      expect(JSON.parse(entry)).toMatchObject({ jobId: job.jobId, attempt: 1 });
    });

    test('what was prepared on disk is not left: neither by a killed process nor by one that ends', async () => {
      const runner = await runners.start(server.url);
      const prepared = () => namesIn(runner.workDir, 'prepared').sort();
      await eventually('what is prepared', () => prepared().length > 0);
      await runner.kill();
      const mark = join(runner.workDir, 'prepared', 'of-before');
      writeFileSync(mark, '');
      const next = await runners.start(server.url, {}, runner.workDir);
      await eventually('what is prepared', () => !existsSync(mark) && prepared().length > 0);
      next.signal('SIGTERM');
      await next.exited;
      expect(existsSync(join(runner.workDir, 'prepared'))).toBe(false);
    });
  });

  test('a prepared process that is killed with its order unread: the step runs all the same, once', async () => {
    const runner = await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '1' });
    await runner.says('process prepared');
    const prepared = () => runner.said('process prepared').map(({ pid }) => pid as number);
    const [first = 0] = prepared();
    process.kill(first, 'SIGSTOP');
    const ran = join(runner.workDir, 'ran');
    const job = await server.run({ steps: [step(`echo once >> ${ran}; echo ran`)] });
    await runner.says('process prepared', 2); // so the first is taken
    process.kill(first, 'SIGKILL');
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect([server.textOf(job), readFileSync(ran, 'utf8')]).toEqual([['ran'], 'once\n']);
    expect(job.started).toHaveLength(1);

    const waiting = prepared().slice(-1);
    expect(waiting.every(isRunning)).toBe(true);
    await runner.kill();
    await noneRuns(waiting);
  });

  test('a damaged journal entry does not stop the start', async () => {
    const workDir = runners.folder();
    const first = await runners.start(server.url, {}, workDir);
    await first.kill();
    writeFileSync(join(workDir, 'journal', 'broken.json'), '{"jobId":');
    const next = await runners.start(server.url, {}, workDir);
    expect(next.said('journal entry is unreadable and ignored')).toHaveLength(1);
  });

  test('claim tokens and credentials do not get into the diagnostics', async () => {
    const runner = await runners.start(server.url);
    const job = await server.run({ steps: [step('true')] }, { PASSWORD: 'correct horse' });
    await server.finished(job);
    await runner.says('job finished');
    const said = JSON.stringify(runner.diagnostics);
    for (const secret of [job.claimToken, 'correct horse', 'token-1', '"secret"']) expect(said).not.toContain(secret);
  });
});

function spoolHolds(runner: RunnerProcess, job: FakeJob, line: string): boolean {
  const folder = join(runner.workDir, 'spool', `${job.jobId}-1`);
  return readdirSync(folder).some((name) => readFileSync(join(folder, name), 'utf8').includes(`"${line}"`));
}
