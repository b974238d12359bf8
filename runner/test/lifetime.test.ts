import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PROTOCOL_VERSION } from '@dibs/shared';
import { eventually } from './support/eventually.js';
import { FakeServer, refusal, step } from './support/fake-server.js';
import { isRunning } from './support/is-running.js';
import { namesIn } from './support/names-in.js';
import { RunnerProcesses } from './support/runner-process.js';

describe('the life of the runner process', () => {
  const runners = new RunnerProcesses();
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
  });
  afterEach(async () => {
    await runners.end();
    await server.stop();
  });

  const startJob = async (workDir: string) => {
    const go = join(workDir, 'go');
    const job = await server.run({ steps: [step(`echo $$; while [ ! -e ${go} ]; do sleep 0.01; done; echo ended`)] });
    await eventually('the first line', () => server.textOf(job).length === 1);
    return { job, pid: Number(server.textOf(job)[0]), letGo: () => writeFileSync(go, '') };
  };

  describe('drain', () => {
    test.each(['SIGTERM', 'SIGINT', 'ipc'] as const)('%s: finishes, claims no more, leaves with 0', async (how) => {
      const runner = runners.launch(server.url, { RUNNER_MAX_CONCURRENT_JOBS: '2' }, runners.folder(), how === 'ipc');
      await runner.says('connected');
      const { job, letGo } = await startJob(runner.workDir);
      if (how === 'ipc') runner.disconnectIpc();
      else runner.signal(how);
      await eventually('the word to the server', () =>
        server.messages('runner:renew').some((message) => (message as { draining: boolean }).draining),
      );
      const other = server.addJob({ steps: [step('true')] });
      server.offer(other);
      letGo();
      expect(await runner.exited).toEqual({ code: 0, signal: null });
      expect(job.finished).toMatchObject({ outcome: 'succeeded' });
      expect(server.textOf(job)).toContain('ended');
      expect(other.claimId).toBeNull();
      expect(runner.stderr).toBe('');
    });

    test('a second signal gives the jobs up', async () => {
      const runner = await runners.start(server.url);
      const { job, pid } = await startJob(runner.workDir);
      runner.signal('SIGTERM');
      await runner.says('draining');
      await eventually('the second signal to count', () => {
        runner.signal('SIGTERM');
        return runner.said('giving up the jobs that still run').length > 0;
      });
      expect(await runner.exited).toEqual({ code: 0, signal: null });
      expect(job.finished).toMatchObject({ outcome: 'lost', reason: 'drain_deadline' });
      expect(isRunning(pid)).toBe(false);
    });

    test('so does the deadline; what cannot be reported stays on disk for the next start', async () => {
      const runner = await runners.start(server.url, { RUNNER_DRAIN_TIMEOUT: '10' });
      const { job, pid } = await startJob(runner.workDir);
      await server.stop();
      runner.signal('SIGTERM');
      expect(await runner.exited).toEqual({ code: 1, signal: null });
      expect(isRunning(pid)).toBe(false);
      expect(namesIn(runner.workDir, 'results')).toHaveLength(1);
      await server.listen();
      await runners.start(server.url, {}, runner.workDir);
      expect(await server.finished(job)).toMatchObject({ outcome: 'lost', reason: 'drain_deadline' });
    });

    test('asked for by the server: stays connected and idle', async () => {
      const runner = await runners.start(server.url);
      server.drainWanted = true;
      server.emit('runner:drain');
      await runner.says('draining');
      const job = server.addJob({ steps: [step('true')] });
      server.offer(job);
      const renewals = server.messages('runner:renew').length;
      await eventually('more renewals', () => server.messages('runner:renew').length > renewals + 2);
      expect(server.messages('runner:renew').at(-1)).toMatchObject({ draining: true, freeSlots: 0 });
      expect(job.claimId).toBeNull();
    });

    test('a request to drain that was lost comes with the renewal', async () => {
      const runner = await runners.start(server.url);
      server.drainWanted = true;
      await runner.says('draining');
    });

    test('an idle runner that never found its server leaves at once', async () => {
      await server.stop();
      const runner = runners.launch(server.url);
      await runner.says('could not connect');
      runner.signal('SIGTERM');
      expect(await runner.exited).toEqual({ code: 0, signal: null });
    });
  });

  describe('start', () => {
    test.each([
      [{ RUNNER_SERVER_URL: '' }, 'RUNNER_SERVER_URL'],
      [{ RUNNER_MAX_CONCURRENT_JOBS: 'x' }, 'RUNNER_MAX_CONCURRENT_JOBS must be a whole number from 1 to 1000'],
      [{ RUNNER_WORK_DIR: '/dev/null/nope' }, 'RUNNER_WORK_DIR must be a writable folder of its own'],
    ])('%j: one line, exit 1', async (env, line) => {
      const runner = runners.launch(server.url, env);
      expect(await runner.exited).toEqual({ code: 1, signal: null });
      expect(runner.stderr).toContain(line);
      expect(runner.stderr.trim().split('\n')).toHaveLength(1);
      expect(runner.diagnostics).toEqual([]);
    });

    test('two processes never share a work dir; a lock left by kill -9 is no lock', async () => {
      const first = await runners.start(server.url);
      const second = runners.launch(server.url, {}, first.workDir);
      expect(await second.exited).toEqual({ code: 1, signal: null });
      expect(second.stderr).toContain(`the runner process ${first.pid} already uses this folder`);
      await first.kill();
      const third = await runners.start(server.url, {}, first.workDir);
      third.signal('SIGTERM');
      await third.exited;
      expect(existsSync(join(first.workDir, 'runner.lock'))).toBe(false);
    });

    test('says who it is', async () => {
      const runner = await runners.start(server.url, { RUNNER_LABELS: 'zone=eu', RUNNER_MAX_CONCURRENT_JOBS: '3' });
      expect(runner.said('connected')).toMatchObject([{ runner: 'fake-pool', instance: 'box-1' }]);
      expect(server.hellos).toMatchObject([{ slots: 3, labels: { zone: 'eu' }, draining: false, held: [] }]);
      expect(server.handshakes).toMatchObject([
        { token: 'token-1', protocolVersion: PROTOCOL_VERSION, instance: 'box-1' },
      ]);
    });

    test('jobs do not see the credentials of the runner', async () => {
      const runner = await runners.start(server.url);
      const job = await server.run({ steps: [step(`env; tr '\\0' '\\n' < /proc/${runner.pid}/environ`)] });
      await server.finished(job);
      expect(server.textOf(job).join('\n')).not.toMatch(/RUNNER_CLIENT_SECRET=secret/);
    });
  });

  describe('credentials', () => {
    const WITH_TOKEN = {
      RUNNER_CLIENT_ID: '',
      RUNNER_CLIENT_SECRET: '',
      RUNNER_TOKEN: 'api-token',
      RUNNER_NAME: 'pool',
    };

    test('with an API token it registers once and keeps what it got for itself', async () => {
      const first = await runners.start(server.url, WITH_TOKEN);
      expect(server.registrations).toEqual([{ name: 'pool', instance: 'box-1' }]);
      const file = join(first.workDir, 'credentials.json');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toContain('registered-1');
      await first.kill();
      await runners.start(server.url, WITH_TOKEN, first.workDir);
      expect(server.registrations).toHaveLength(1);
    });

    test('kept credentials that are refused: registers again', async () => {
      const workDir = runners.folder();
      mkdirSync(workDir, { recursive: true });
      const stale = { serverUrl: server.url, name: 'pool', instance: 'box-1', clientId: 'stale', clientSecret: 'x' };
      writeFileSync(join(workDir, 'credentials.json'), JSON.stringify(stale));
      await runners.start(server.url, WITH_TOKEN, workDir);
      expect(server.registrations).toHaveLength(1);
      expect(server.tokenRequests).toEqual(['stale:x', 'registered-1:registered-secret']);
    });

    test('wrong credentials are said clearly and tried again, because an operator may mend them', async () => {
      server.refuseToken = true;
      const runner = runners.launch(server.url);
      await runner.says('could not connect');
      expect(runner.said('could not connect')[0]).toMatchObject({
        level: 50,
        code: 'E_UNAUTHENTICATED',
        reason: expect.stringContaining('invalid_client') as unknown,
      });
      server.refuseToken = false;
      await runner.says('connected');
    });
  });

  describe('the link', () => {
    test('comes back after a cut with the same bootId and the job it holds', async () => {
      const runner = await runners.start(server.url);
      const { job, letGo } = await startJob(runner.workDir);
      server.cut();
      await runner.says('connected', 2);
      expect(runner.said('disconnected')).toMatchObject([
        { reason: expect.stringMatching(/close|disconnect/) as unknown },
      ]);
      expect(server.handshakes[1]?.bootId).toBe(server.handshakes[0]?.bootId);
      expect(server.hellos[1]?.held).toEqual([{ jobId: job.jobId, attempt: 1, claimToken: job.claimToken }]);
      letGo();
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
    });

    test('a token that expired is replaced, and the job does not notice', async () => {
      const runner = await runners.start(server.url);
      const { job, letGo } = await startJob(runner.workDir);
      server.emit('session:ended', refusal('E_TOKEN_EXPIRED', true));
      await runner.says('connected', 2);
      expect(server.handshakes.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
      letGo();
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
      expect(job.started).toHaveLength(1);
    });

    test('a request that is answered E_TOKEN_EXPIRED is repeated with a fresh token', async () => {
      const runner = await runners.start(server.url);
      server.script('step:started', refusal('E_TOKEN_EXPIRED', true));
      const job = await server.run({ steps: [step('echo once')] });
      expect(await server.finished(job)).toMatchObject({ outcome: 'succeeded' });
      expect(server.textOf(job)).toEqual(['once']);
      expect(runner.said('connected')).toHaveLength(2);
    });

    test('one token serves several connections', async () => {
      const runner = await runners.start(server.url);
      server.cut();
      await runner.says('connected', 2);
      expect(server.tokenRequests).toHaveLength(1);
    });

    test('a refused handshake is told with its code and obeyed in time', async () => {
      server.refuseHandshake = refusal('E_DUPLICATE_INSTANCE', true, 400);
      const runner = runners.launch(server.url);
      await runner.says('could not connect');
      const [first] = runner.said('could not connect');
      expect(first).toMatchObject({ code: 'E_DUPLICATE_INSTANCE', level: 40 });
      expect(first?.['retryInMs']).toBeGreaterThanOrEqual(400);
      server.refuseHandshake = null;
      await runner.says('connected');
    });

    test('a refusal that only a person can mend is an error, and tried again slowly', async () => {
      server.refuseHandshake = refusal('E_PROTOCOL_VERSION', false);
      const runner = runners.launch(server.url);
      await runner.says('could not connect');
      const [first] = runner.said('could not connect');
      expect(first).toMatchObject({ code: 'E_PROTOCOL_VERSION', level: 50 });
      expect(first?.['retryInMs']).toBeGreaterThanOrEqual(750);
    });

    test('a hello that is never answered does not hold it for ever', async () => {
      server.script('runner:hello', 'ignore');
      const runner = runners.launch(server.url);
      await runner.says('could not connect');
      await runner.says('connected');
    });
  });
});
