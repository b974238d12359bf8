import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobsFinished, JobSpec, Renew } from '@dibs/shared';
import { eventually } from './support/eventually.js';
import { FakeServer, refusal, step, type FakeJob } from './support/fake-server.js';
import { namesIn, namesInAll } from './support/names-in.js';
import { RunnerProcesses, type RunnerProcess } from './support/runner-process.js';

describe('standing claims', () => {
  const runners = new RunnerProcesses();
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
  });
  afterEach(async () => {
    await runners.end();
    await server.stop();
  });

  /** The start of its first step is recorded with the grant. */
  const addStarted = (spec: Partial<JobSpec> & Pick<JobSpec, 'steps'>): FakeJob => {
    const job = { ...server.addJob(spec), startedStep: 0 as const };
    server.jobs.set(job.jobId, job);
    return job;
  };
  const addGated = (runner: RunnerProcess, name: string, spec: Partial<JobSpec> = {}) => {
    const go = join(runner.workDir, name);
    const job = addStarted({ steps: [step(`echo up; while [ ! -e ${go} ]; do sleep 0.01; done`)], ...spec });
    return { job, letGo: () => writeFileSync(go, '') };
  };
  const isUp = (job: FakeJob) => eventually('the first line', () => server.textOf(job).includes('up'));
  const renewedWith = (job: FakeJob) =>
    eventually('a renewal that names it', () =>
      (server.messages('runner:renew').at(-1) as Renew).held.some(({ jobId }) => jobId === job.jobId),
    );

  test.each([
    [{}, true],
    [{ RUNNER_STANDING_CLAIMS: 'false' }, false],
  ])('%j: the hello says standing: %j', async (env, standing) => {
    await runners.start(server.url, env);
    expect(server.hellos).toMatchObject([{ standing }]);
  });

  test('a granted job runs without a claim; only later steps are announced', async () => {
    const runner = await runners.start(server.url);
    const job = addStarted({ steps: [step('echo one'), step('echo two')] });
    server.grant(job);
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(server.textOf(job)).toEqual(['one', 'two']);
    expect(job.started.map((message) => message.step)).toEqual([1]);
    expect(job.finishedSteps.map((message) => message.step)).toEqual([0, 1]);
    expect(server.messages('job:claim')).toEqual([]);
    await eventually('the clean folders', () => namesInAll(runner.workDir).length === 0);
  });

  test('a grant may come right behind the welcome', async () => {
    const jobs = [1, 2, 3].map(() => addStarted({ steps: [step('true')] }));
    server.onWelcomed = () => server.grant(...jobs);
    const runner = await runners.start(server.url);
    for (const job of jobs) expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(runner.said('attempt given up: the runner itself failed; its lease will expire')).toEqual([]);
  });

  test('without startedStep the first step is announced, and waits for the answer', async () => {
    const runner = await runners.start(server.url);
    server.script('step:started', 'ignore');
    const job = server.addJob({ steps: [step('echo one')] });
    server.grant(job);
    await eventually('the repeated announcement', () => server.messages('step:started').length === 2);
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(runner.said('process spawned')).toHaveLength(1);
  });

  test('the same grant again runs nothing again, neither while the job runs nor after it', async () => {
    const runner = await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '3' });
    const { job, letGo } = addGated(runner, 'go');
    server.grant(job, job);
    await isUp(job);
    server.grant(job);
    letGo();
    await server.finished(job);
    await runner.says('job finished');
    server.grant(job);
    const next = addStarted({ steps: [step('true')] });
    server.grant(next);
    await server.finished(next);
    expect(runner.said('process spawned').filter(({ jobId }) => jobId === job.jobId)).toHaveLength(1);
    expect(server.results().filter(({ jobId }) => jobId === job.jobId)).toHaveLength(1);
  });

  test('a grant that was lost with the connection comes with the next welcome', async () => {
    const runner = await runners.start(server.url);
    const job = addStarted({ steps: [step('echo once')] });
    job.isGranted = true; // committed, but the message never left
    server.cut();
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(server.textOf(job)).toEqual(['once']);
    expect(runner.said('connected')).toHaveLength(2);
  });

  test.each([
    ['the grant', 'true', (job: FakeJob) => server.grant(job)],
    ['the answer of the claim', 'false', (job: FakeJob) => server.offer(job)],
  ])('a cancel that comes before %s: nothing runs', async (_what, standing, give) => {
    const runner = await runners.start(server.url, { RUNNER_STANDING_CLAIMS: standing });
    const job = server.addJob({ steps: [step('echo never')] });
    // the server says it once: no renewal names it
    server.emit('job:cancel', { jobId: job.jobId, attempt: 1, mode: 'graceful' });
    give(job);
    expect(await server.finished(job)).toMatchObject({ outcome: 'canceled', reason: 'canceled' });
    expect(job.started).toEqual([]);
    expect(runner.said('process spawned')).toHaveLength(0);
  });

  describe('while all slots are taken', () => {
    test('it is held: journaled and renewed, but not begun before a slot is free', async () => {
      const runner = await runners.start(server.url);
      const first = addGated(runner, 'first');
      server.grant(first.job);
      await isUp(first.job);
      const second = addStarted({ steps: [step('echo second')] });
      server.grant(second);
      await renewedWith(second);
      expect(namesIn(runner.workDir, 'journal')).toContain(`${second.jobId}-1.json`);
      expect(runner.said('process spawned')).toHaveLength(1);
      expect(server.messages('runner:renew').at(-1)).toMatchObject({ freeSlots: 0 });
      first.letGo();
      expect(await server.finished(second)).toMatchObject({ outcome: 'succeeded' });
    });

    test('a heavy job waits for all of its slots', async () => {
      const runner = await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '3' });
      const light = addGated(runner, 'light');
      const heavy = addGated(runner, 'heavy', { slots: 3 });
      const after = addStarted({ steps: [step('echo after')] });
      server.grant(light.job);
      await isUp(light.job);
      server.grant(heavy.job, after);
      await renewedWith(after);
      expect(runner.said('process spawned')).toHaveLength(1);
      light.letGo();
      await isUp(heavy.job);
      expect(runner.said('process spawned')).toHaveLength(2);
      heavy.letGo();
      await server.finished(after);
    });

    test('a job larger than the whole runner gets all of it', async () => {
      await runners.start(server.url);
      const job = addStarted({ steps: [step('true')], slots: 5 });
      server.grant(job);
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    });

    test('a cancel ends it without a slot', async () => {
      const runner = await runners.start(server.url);
      const first = addGated(runner, 'first');
      server.grant(first.job);
      await isUp(first.job);
      const second = addStarted({ steps: [step('echo never')] });
      server.grant(second);
      await renewedWith(second);
      server.emit('job:cancel', { jobId: second.jobId, attempt: 1, mode: 'graceful' });
      expect(await server.finished(second)).toMatchObject({ outcome: 'canceled' });
      expect(second.finishedSteps).toMatchObject([{ step: 0, state: 'canceled' }]);
      expect(runner.said('process spawned')).toHaveLength(1);
      first.letGo();
      expect(await server.finished(first.job)).toMatchObject({ outcome: 'succeeded' });
    });
  });

  test('with the last renewal long ago nothing is begun before one is acknowledged', async () => {
    const runner = await runners.start(server.url);
    server.refuseRenewals = refusal('E_UNAVAILABLE', true, 50);
    const silentSince = performance.now();
    await eventually('half of the window', () => performance.now() - silentSince > server.timing.trustMs / 2 + 50);
    const marker = join(runner.workDir, 'it-ran');
    const job = addStarted({ steps: [step(`touch ${marker}`)] });
    server.grant(job);
    await renewedWith(job);
    const renewals = server.messages('runner:renew').length;
    await eventually('more renewals', () => server.messages('runner:renew').length > renewals + 3);
    expect(existsSync(marker)).toBe(false);
    server.refuseRenewals = null;
    expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    expect(existsSync(marker)).toBe(true);
  });

  describe('noop jobs', () => {
    const addNoops = (count: number): FakeJob[] =>
      Array.from({ length: count }, () => addStarted({ steps: [step('ignored')], executor: { type: 'noop' } }));
    const batches = () => server.messages('job:finished').map((message) => (message as JobsFinished).results.length);

    test('are answered from memory, those of one message in one message', async () => {
      const runner = await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '500' });
      const jobs = addNoops(300);
      server.grant(...jobs);
      await eventually('all results', () => jobs.every(({ finished }) => finished !== null));
      expect(batches()).toEqual([300]);
      for (const { finished } of jobs)
        expect(finished).toMatchObject({ outcome: 'succeeded', lastSeq: 0, exitCode: 0 });
      const events = new Set(server.received.map(({ event }) => event));
      const ofJobs = [...events].filter((event) => !event.startsWith('runner:') && !event.startsWith('source:'));
      expect(ofJobs).toEqual(['job:finished']);
      expect(namesInAll(runner.workDir)).toEqual([]);
      expect(runner.said('process spawned')).toHaveLength(0);
    });

    test('also when they were claimed', async () => {
      await runners.start(server.url, { RUNNER_STANDING_CLAIMS: 'false' });
      const job = await server.run({ steps: [step('ignored')], executor: { type: 'noop' } });
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    });

    test('one message is on its way at a time, of at most 500 results; the others gather', async () => {
      await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '900' });
      server.script('job:finished', 'ignore');
      const jobs = addNoops(700);
      server.grant(...jobs.slice(0, 100));
      await eventually('the message without an answer', () => batches().length === 1);
      // or the server would take them for lost and give them again
      await renewedWith(jobs[0] as FakeJob);
      server.grant(...jobs.slice(100));
      await eventually('all results', () => jobs.every(({ finished }) => finished !== null));
      expect(batches()[0]).toBe(100);
      expect(Math.max(...batches())).toBe(500);
      expect(new Set(server.results().map(({ jobId }) => jobId)).size).toBe(700);
    });

    test.each(['lose_reply', 'lose_request'] as const)('%s: the same results again', async (mishap) => {
      await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '10' });
      server.script('job:finished', mishap);
      const jobs = addNoops(10);
      server.grant(...jobs);
      await eventually('the repetition', () => server.results().length >= 20);
      await eventually('all results', () => jobs.every(({ finished }) => finished !== null));
      const byJob = (list: readonly { jobId: string }[]) => list.toSorted((a, b) => a.jobId.localeCompare(b.jobId));
      expect(byJob(server.results().slice(10, 20))).toEqual(byJob(server.results().slice(0, 10)));
    });

    test('a drain waits for their answers', async () => {
      const runner = await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '5' });
      server.script('job:finished', 'ignore');
      const jobs = addNoops(5);
      server.grant(...jobs);
      await eventually('the message without an answer', () => batches().length === 1);
      runner.signal('SIGTERM');
      expect(await runner.exited).toEqual({ code: 0, signal: null });
      expect(jobs.every(({ finished }) => finished !== null)).toBe(true);
    });
  });

  describe('results', () => {
    test('one that must be repeated does not hold up the others', async () => {
      await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '3' });
      const jobs = [1, 2, 3].map(() => addStarted({ steps: [step('ignored')], executor: { type: 'noop' } }));
      const seen: string[] = [];
      server.refuseResult = ({ jobId }) => {
        seen.push(jobId);
        const isFirst = seen.filter((other) => other === jobId).length === 1;
        return jobId === jobs[1]?.jobId && isFirst ? refusal('E_UNAVAILABLE', true, 20) : null;
      };
      server.grant(...jobs);
      await eventually('all results', () => jobs.every(({ finished }) => finished !== null));
      expect(seen).toHaveLength(4);
    });

    test('a message that is refused as a whole: each result goes alone', async () => {
      await runners.start(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '3' });
      server.script('job:finished', refusal('E_VALIDATION'), refusal('E_VALIDATION'));
      const jobs = [1, 2, 3].map(() => addStarted({ steps: [step('ignored')], executor: { type: 'noop' } }));
      server.grant(...jobs);
      await eventually('two results', () => jobs.filter(({ finished }) => finished !== null).length === 2);
      const sizes = server.messages('job:finished').map((message) => (message as JobsFinished).results.length);
      expect(sizes).toEqual([3, 1, 1, 1]);
    });

    test('lines that the server acknowledged and lost: the log says so, and the result arrives', async () => {
      await runners.start(server.url);
      const job = addStarted({ steps: [step('seq 1 50')] });
      server.refuseResult = () => {
        server.refuseResult = () => null;
        job.lines.length = 20;
        return { ...refusal('E_GAP', true), ackedSeq: 20 };
      };
      server.grant(job);
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded', lastSeq: 21 });
      expect(job.lines[20]?.[4]).toEqual({ lines: 30, reason: 'spool_lost' });
    });
  });

  describe('a disk that refuses', () => {
    test.each([
      ['spool', 'The runner could not store the attempt: E'],
      ['journal', 'The runner could not store the attempt: E'],
      ['workspaces', 'The workspace could not be prepared: E'],
    ])('no place in %s: the attempt ends with a reason, and the runner goes on', async (name, why) => {
      const runner = await runners.start(server.url);
      const folder = join(runner.workDir, name);
      rmSync(folder, { recursive: true, force: true });
      writeFileSync(folder, 'in the way');
      const job = addStarted({ steps: [step('echo never')] });
      server.grant(job);
      expect(await server.finished(job)).toMatchObject({ outcome: 'failed', reason: 'workspace_failed' });
      expect(server.textOf(job, 's')[0]).toContain(why);
      expect(job.finishedSteps).toMatchObject([{ step: 0, state: 'failed' }]);
      expect(runner.said('process spawned')).toHaveLength(0);
      rmSync(folder);
      mkdirSync(folder);
      const next = addStarted({ steps: [step('true')] });
      server.grant(next);
      expect(await server.finished(next)).toMatchObject({ outcome: 'succeeded' });
    });

    test('no place for the result: it is sent all the same', async () => {
      const runner = await runners.start(server.url);
      rmSync(join(runner.workDir, 'results'), { recursive: true });
      const job = addStarted({ steps: [step('echo ran')] });
      server.grant(job);
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
      expect(runner.said('the result cannot be stored; trying again while it is sent')).toHaveLength(1);
    });

    test('a spool that cannot be opened after a restart does not keep the end of the job from being told', async () => {
      const runner = await runners.start(server.url);
      const { job } = addGated(runner, 'go');
      server.grant(job);
      await isUp(job);
      await runner.kill();
      rmSync(join(runner.workDir, 'spool', `${job.jobId}-1`), { recursive: true });
      writeFileSync(join(runner.workDir, 'spool', `${job.jobId}-1`), 'in the way');
      await runners.start(server.url, {}, runner.workDir);
      expect(await server.finished(job)).toMatchObject({ outcome: 'lost', reason: 'runner_restarted' });
      expect(job.lines.some((line) => line[4]?.reason === 'spool_lost')).toBe(true);
    });
  });
});
