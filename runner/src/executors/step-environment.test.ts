import { expect, test } from '@jest/globals';
import { stepEnvironment, type StepEnvironmentInput } from './step-environment.js';

const input: StepEnvironmentInput = {
  hostEnv: {
    PATH: '/bin',
    HOME: '/home/runner',
    TZ: 'Europe/Berlin',
    HTTPS_PROXY: 'http://proxy:3128',
    RUNNER_CLIENT_SECRET: 'secret',
    RUNNER_TOKEN: 'secret',
    NODE_OPTIONS: '--require evil',
    LD_PRELOAD: 'evil.so',
    BASH_ENV: 'evil.sh',
    GIT_SSH_COMMAND: 'evil',
    DATABASE_URL: 'postgres://secret',
  },
  jobId: 'job',
  attempt: 2,
  step: 0,
  runnerName: 'pool',
  instanceName: 'pool-0',
  tmpDir: '/tmp/job',
  env: {},
  secrets: {},
};

test('is exactly this', () => {
  expect(stepEnvironment(input)).toEqual({
    PATH: '/bin',
    HOME: '/home/runner',
    TZ: 'Europe/Berlin',
    HTTPS_PROXY: 'http://proxy:3128',
    LANG: 'C.UTF-8',
    TMPDIR: '/tmp/job',
    TERM: 'dumb',
    CI: 'true',
    DIBS_JOB_ID: 'job',
    DIBS_ATTEMPT: '2',
    DIBS_STEP: '0',
    DIBS_RUNNER: 'pool',
    DIBS_INSTANCE: 'pool-0',
  });
});

test('the job may set what it likes, secrets win over env, but it cannot hide from its runner', () => {
  const env = { CI: 'no', PATH: '/opt', BOTH: 'env', NODE_OPTIONS: '--x', DIBS_JOB_ID: 'other', DIBS_ATTEMPT: '9' };
  expect(stepEnvironment({ ...input, env, secrets: { BOTH: 'secret' } })).toMatchObject({
    ...{ CI: 'no', PATH: '/opt', BOTH: 'secret', NODE_OPTIONS: '--x', DIBS_JOB_ID: 'job', DIBS_ATTEMPT: '2' },
  });
});

test('additional folders come first on PATH; without a PATH there is a usual one', () => {
  expect(stepEnvironment({ ...input, extraPathDirs: ['/opt/tf', 'relative'] }).PATH).toBe('/opt/tf:/bin');
  expect(stepEnvironment({ ...input, hostEnv: {} }).PATH).toContain('/usr/bin');
});

test.each([
  [{ '': 'x' }, 'cannot be the name'],
  [{ 'a=b': 'x' }, 'cannot be the name'],
  [{ 'a\0': 'x' }, 'cannot be the name'],
  [{ A: 'hunter2\0' }, 'variable A contains a NUL'],
])('%j is refused without showing the value', (env, why) => {
  expect(() => stepEnvironment({ ...input, env })).toThrow(why);
  expect(() => stepEnvironment({ ...input, env })).not.toThrow('hunter2');
});
