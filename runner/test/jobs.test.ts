import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { monotonicMs } from '../src/process/monotonic.js';
import { eventually } from './support/eventually.js';
import { isRunning } from './support/is-running.js';
import { FakeServer, refusal, step } from './support/fake-server.js';
import { namesIn, namesInAll } from './support/names-in.js';
import { RunnerProcesses } from './support/runner-process.js';

describe('a job on the real runner', () => {
  const runners = new RunnerProcesses();
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
  });
  afterEach(async () => {
    await runners.end();
    await server.stop();
  });

  test('runs its steps in order, ships its log and leaves nothing behind', async () => {
    const runner = await runners.start(server.url);
    const steps = [step('echo "one $DIBS_STEP $DIBS_RUNNER $DIBS_INSTANCE"; cat hello.txt'), step('echo two >&2')];
    const job = await server.run({ steps, files: [{ path: 'hello.txt', content: 'from a file' }] });
    const result = await server.finished(job);
    expect(result).toMatchObject({ outcome: 'succeeded', reason: 'completed', exitCode: 0 });
    expect(result.log).toMatchObject([
      { step: 0, lines: 2, bytes: 34 },
      { step: 1, lines: 1, bytes: 4, sha256: createHash('sha256').update('two\n').digest('hex') },
    ]);
    expect(server.textOf(job)).toEqual(['one 0 fake-pool box-1', 'from a file']);
    expect(server.textOf(job, 'e')).toEqual(['two']);
    expect(job.started.map((message) => message.step)).toEqual([0, 1]);
    expect(job.finishedSteps).toMatchObject([
      { step: 0, state: 'succeeded', exitCode: 0 },
      { step: 1, state: 'succeeded', exitCode: 0 },
    ]);
    await runner.says('job finished');
    await eventually('the clean folders', () => namesInAll(runner.workDir).length === 0);
  });

  test('tells a server that asks which commit a source is, and why it does not look at another one', async () => {
    const runner = await runners.start(server.url, { RUNNER_ALLOW_FILE_URLS: 'true' });
    const url = join(runners.folder(), 'repository');
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', url]);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', url, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' });
    git('commit', '--quiet', '--allow-empty', '-m', 'first');
    await eventually('the offer to look', () => server.messages('source:offer').length === 1);
    const look = (at: string, revision: string) => server.look({ url: at, revision, versions: null });
    const trace = join(runners.folder(), 'trace');
    expect(await look(url, 'main')).toEqual([{ commit: git('rev-parse', 'HEAD').trim(), problem: null }]);
    expect(await look(url, 'gone')).toEqual([{ commit: null, problem: expect.stringContaining('has no gone') }]);
    expect(await look(`ext::touch ${trace}`, 'main')).toEqual([{ commit: null, problem: expect.any(String) }]);
    expect(existsSync(trace)).toBe(false);
    await eventually('the clean folders', () => namesInAll(runner.workDir).length === 0);
  });

  test('says when a process was started and a claim granted, for the benchmarks', async () => {
    const runner = await runners.start(server.url);
    const before = monotonicMs();
    const job = await server.run({ steps: [step('true')] });
    await server.finished(job);
    await runner.says('process spawned');
    const [spawned] = runner.said('process spawned');
    expect(spawned).toMatchObject({ jobId: job.jobId, attempt: 1, step: 0, pid: expect.any(Number) });
    expect(spawned?.['atMs']).toBeGreaterThan(before);
    expect(spawned?.['atMs']).toBeLessThan(monotonicMs());
    expect(runner.said('claim granted')).toMatchObject([{ jobId: job.jobId, atMs: expect.any(Number) }]);
  });

  test('a failing step ends the job; later ones are skipped; an older server is sent what it knows', async () => {
    server.takesLogCounts = false;
    await runners.start(server.url);
    const job = await server.run({ steps: [step('echo >&2; exit 3'), step('echo never')] });
    const result = await server.finished(job);
    expect(result).toMatchObject({ outcome: 'failed', reason: 'step_failed', exitCode: 3 });
    expect(result).not.toHaveProperty('log');
    expect(job.finishedSteps.map(({ state }) => state)).toEqual(['failed', 'skipped']);
    expect(server.textOf(job)).toEqual([]);
  });

  test('no process starts before step:started is acknowledged', async () => {
    const runner = await runners.start(server.url);
    const marker = join(runner.workDir, 'it-ran');
    server.script('step:started', 'ignore', 'ignore');
    const job = await server.run({ steps: [step(`touch ${marker}`)] });
    await eventually('the second try', () => server.messages('step:started').length === 2);
    expect(existsSync(marker)).toBe(false);
    expect(runner.said('process spawned')).toHaveLength(0);
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(existsSync(marker)).toBe(true);
  });

  test.each(['lose_reply', 'lose_request'] as const)('step:started: %s → repeated, not run again', async (mishap) => {
    const runner = await runners.start(server.url);
    const ledger = join(runner.workDir, 'ledger');
    server.script('step:started', mishap);
    const job = await server.run({ steps: [step(`echo run >> ${ledger}; cat ${ledger}`)] });
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(server.messages('step:started')).toHaveLength(2);
    expect(new Set(server.messages('step:started').map((message) => JSON.stringify(message))).size).toBe(1);
    expect(server.textOf(job)).toEqual(['run']);
  });

  test.each(['lose_reply', 'lose_request', 'ignore'] as const)(
    'job:claim: %s → the same claimId again',
    async (mishap) => {
      await runners.start(server.url);
      server.script('job:claim', mishap);
      const job = server.addJob({ steps: [step('true')] });
      server.offer(job);
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
      const [first, second] = server.messages('job:claim');
      expect(second).toEqual(first);
    },
  );

  test.each(['lose_reply', 'lose_request'] as const)('job:finished: %s → sent again once, the same', async (mishap) => {
    const runner = await runners.start(server.url);
    server.script('job:finished', mishap);
    const job = await server.run({ steps: [step('echo done')] });
    await server.finished(job);
    await eventually('the end of the attempt', () => namesIn(runner.workDir, 'journal').length === 0);
    const sent = server.results();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    expect(server.textOf(job)).toEqual(['done']);
  });

  test.each(['lose_reply', 'lose_request'] as const)(
    'step:finished: %s → sent again before the next step',
    async (mishap) => {
      await runners.start(server.url);
      server.script('step:finished', mishap);
      const job = await server.run({ steps: [step('true'), step('true')] });
      await server.finished(job);
      const order = server.received.filter(({ event }) => event.startsWith('step:')).map(({ event }) => event);
      expect(order).toEqual(['step:started', 'step:finished', 'step:finished', 'step:started', 'step:finished']);
    },
  );

  test('10,000 lines over five cuts are stored once each, in order', async () => {
    await runners.start(server.url);
    const job = await server.run({
      steps: [step('i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo $i; done')],
    });
    for (let cut = 1; cut <= 5; cut += 1) {
      await eventually('more lines', () => job.lines.length >= cut * 1500 || job.finished !== null);
      server.cut();
    }
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(server.textOf(job)).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index + 1)));
  });

  test('a running step goes on while the server is away; the next one waits for it', async () => {
    const runner = await runners.start(server.url);
    const flag = join(runner.workDir, 'first-ended');
    const job = await server.run({
      steps: [step(`echo begin; while [ ! -e ${flag}.go ]; do sleep 0.01; done; touch ${flag}`), step('echo second')],
    });
    await eventually('the first line', () => server.textOf(job).includes('begin'));
    await server.stop();
    await runner.says('disconnected');
    writeFileSync(`${flag}.go`, '');
    await eventually('the end of the first step', () => existsSync(flag));
    expect(runner.said('process spawned')).toHaveLength(1);
    await server.listen();
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(server.textOf(job)).toEqual(['begin', 'second']);
  });

  test('an offer that comes together with the answer to the last result is taken', async () => {
    await runners.start(server.url);
    const jobs = Array.from({ length: 10 }, () => server.addJob({ steps: [step('true')] }));
    // the server knows first that the slot is free: it offers the next job even before it has answered
    server.onFinished = (job) => {
      const next = jobs[jobs.indexOf(job) + 1];
      if (next) server.offer(next);
    };
    server.offer(jobs[0] as never);
    await eventually('the end of all jobs', () => jobs.every(({ finished }) => finished !== null));
  });

  test('claims no more than it has slots for', async () => {
    await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '2' });
    const jobs = [1, 2, 3, 4].map(() => server.addJob({ steps: [step('sleep 30')] }));
    server.offer(...jobs);
    await eventually('two running jobs', () => jobs.filter(({ started }) => started.length > 0).length === 2);
    server.offer(...jobs);
    const claimed = () => jobs.filter(({ claimId }) => claimId !== null).length;
    // seen before the result is answered: the answer frees the slot, and the next claim follows at once
    let claimedAtFirstResult = 0;
    server.onFinished = () => (claimedAtFirstResult ||= claimed());
    server.emit('job:cancel', { jobId: jobs[0]?.jobId as never, attempt: 1, mode: 'kill' });
    await server.finished(jobs[0] as never);
    expect(claimedAtFirstResult).toBe(2);
    await eventually('the claim for the freed slot', () => claimed() === 3);
  });

  test('a claim that was lost to somebody else frees its slot', async () => {
    await runners.start(server.url);
    server.script('job:claim', refusal('E_UNAVAILABLE', true));
    const taken = server.addJob({ steps: [step('true')] });
    taken.claimId = 'of another runner';
    server.offer(taken);
    await eventually('the repeated claim', () => server.messages('job:claim').length === 2);
    const job = await server.run({ steps: [step('true')] });
    await server.finished(job);
  });

  test('a step that runs too long is ended with all its children', async () => {
    const runner = await runners.start(server.url);
    const steps = [
      step('trap "" TERM; (trap "" TERM; sleep 61) & echo $!; sleep 61; wait', { timeoutSeconds: 1 }),
      step('true'),
    ];
    const job = await server.run({ steps });
    expect(await server.finished(job)).toMatchObject({ outcome: 'timed_out', reason: 'step_timeout' });
    expect(job.finishedSteps.map(({ state }) => state)).toEqual(['timed_out', 'skipped']);
    expect(isRunning(Number(server.textOf(job)[0]))).toBe(false);
    expect(runner.said('uncaughtException')).toHaveLength(0);
  });

  test('a job that runs too long is ended', async () => {
    await runners.start(server.url);
    const job = await server.run({ steps: [step('sleep 0.6'), step('sleep 61')], timeoutSeconds: 1 });
    expect(await server.finished(job)).toMatchObject({ outcome: 'timed_out', reason: 'job_timeout' });
    expect(job.finishedSteps.map(({ state }) => state)).toEqual(['succeeded', 'canceled']);
  });

  test('files that do not fit into the workspace fail the job before any process', async () => {
    const runner = await runners.start(server.url);
    const job = await server.run({ steps: [step('true')], files: [{ path: '../outside', content: '' }] });
    expect(await server.finished(job)).toMatchObject({ outcome: 'failed', reason: 'workspace_failed' });
    expect(runner.said('process spawned')).toHaveLength(0);
  });

  test('an executor that this runner lacks is said to be missing', async () => {
    await runners.start(server.url);
    const job = await server.run({ steps: [step('true')], executor: { type: 'docker' as never } });
    expect(await server.finished(job)).toMatchObject({ outcome: 'failed', reason: 'executor_unavailable' });
  });
});
