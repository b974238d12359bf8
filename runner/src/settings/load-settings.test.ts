import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadSettings } from './load-settings.js';
import { SettingsError } from './settings-error.js';

const MINIMUM = { RUNNER_SERVER_URL: 'http://127.0.0.1:3000', RUNNER_CLIENT_ID: 'id', RUNNER_CLIENT_SECRET: 'secret' };

describe('loadSettings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dibs-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const load = (env: Record<string, string>) => loadSettings(env, folder);
  const writeFile = (content: unknown, name = 'runner.json') =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

  test('three settings are enough', () => {
    expect(load(MINIMUM)).toMatchObject({
      link: {
        serverUrl: 'http://127.0.0.1:3000',
        instance: hostname(),
        identity: { kind: 'credentials', clientId: 'id', clientSecret: 'secret' },
      },
      capacity: { slots: 1, labels: {}, extraTools: [] },
      workDir: join(folder, '.dibs/runner'),
      logLevel: 'info',
      drainTimeoutMs: 3_600_000,
      timeScale: 1,
    });
  });

  test('the environment wins over the file, setting by setting', () => {
    writeFile({ Runner: { ServerUrl: 'https://file.example/', MaxConcurrentJobs: 4, Labels: { zone: 'eu' } } });
    const settings = load({ ...MINIMUM, RUNNER_SERVER_URL: '', RUNNER_MAX_CONCURRENT_JOBS: '7' });
    expect(settings.link.serverUrl).toBe('https://file.example');
    expect(settings.capacity).toMatchObject({ slots: 7, labels: { zone: 'eu' } });
  });

  test('reads lists, labels and grouped names from the environment', () => {
    const settings = load({
      ...MINIMUM,
      RUNNER_LABELS: 'zone=eu, disk = ssd,empty=',
      RUNNER_TOOLS: 'jq, make',
      Engine__AdditionalBinaryPaths: '/opt/a:/opt/b',
      Logging__LogLevel: 'warn',
      JobLogStream__PeriodSeconds: '2',
      TIME_SCALE: '0.5',
    });
    expect(settings.capacity).toMatchObject({
      labels: { zone: 'eu', disk: 'ssd', empty: '' },
      extraTools: ['jq', 'make'],
    });
    expect(settings.workspace.additionalBinaryPaths).toEqual(['/opt/a', '/opt/b']);
    expect(settings.logLevel).toBe('warn');
    expect(settings.logStream.idlePeriodMs).toBe(1000);
  });

  test('a folder of hooks counts as soon as it is named, unless it is said that it does not', () => {
    const hooksOf = (env: Record<string, string>) => load({ ...MINIMUM, ...env }).gate.preapprovedHooks;
    expect(hooksOf({})).toBeNull();
    expect(hooksOf({ RUNNER_HOOKS_DIRECTORY: 'hooks' })).toBe(join(folder, 'hooks'));
    expect(hooksOf({ HooksPreapproval__PreapprovedHooksDirectory: '/h', HooksPreapproval__Enabled: 'true' })).toBe(
      '/h',
    );
    expect(hooksOf({ RUNNER_HOOKS_DIRECTORY: 'hooks', RUNNER_HOOKS_PREAPPROVAL: 'false' })).toBeNull();
    expect(load({ ...MINIMUM, RUNNER_POLICY_FILE: 'policy.json' }).gate.policyFile).toBe(join(folder, 'policy.json'));
  });

  test('a secret may come from a file, without the line end', () => {
    writeFile('from-file\n', 'secret.txt');
    const settings = load({
      ...MINIMUM,
      RUNNER_CLIENT_SECRET: '',
      RUNNER_CLIENT_SECRET_FILE: join(folder, 'secret.txt'),
    });
    expect(settings.link.identity).toMatchObject({ clientSecret: 'from-file' });
  });

  test('an empty variable counts as absent', () => {
    expect(load({ ...MINIMUM, RUNNER_MAX_CONCURRENT_JOBS: '' }).capacity.slots).toBe(1);
  });

  test('is frozen to the last level', () => {
    const settings = load(MINIMUM);
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.capacity.labels)).toBe(true);
  });

  test.each([
    [{ RUNNER_SERVER_URL: '' }, 'RUNNER_SERVER_URL (Runner.ServerUrl in runner.json) must be the http or https URL'],
    [{ RUNNER_SERVER_URL: 'ftp://x' }, 'RUNNER_SERVER_URL must be the http or https URL of the Dibs server'],
    [{ RUNNER_MAX_CONCURRENT_JOBS: 'many' }, 'RUNNER_MAX_CONCURRENT_JOBS must be a whole number from 1 to 1000'],
    [{ RUNNER_MAX_CONCURRENT_JOBS: '1.5' }, 'RUNNER_MAX_CONCURRENT_JOBS must be a whole number from 1 to 1000'],
    [{ RUNNER_INSTANCE: 'a b' }, 'RUNNER_INSTANCE must be 1 to 120 letters'],
    [{ RUNNER_LABELS: 'zone' }, 'RUNNER_LABELS must be labels like zone=eu,disk=ssd; "zone" is none'],
    [{ RUNNER_HOOKS_PREAPPROVAL: 'true' }, 'RUNNER_HOOKS_DIRECTORY (HooksPreapproval.PreapprovedHooksDirectory'],
    [{ RUNNER_HOOKS_PREAPPROVAL: 'yes' }, 'RUNNER_HOOKS_PREAPPROVAL must be true or false'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of trace, debug'],
    [{ RUNNER_CLIENT_SECRET: '' }, 'RUNNER_CLIENT_SECRET must be set'],
    [{ RUNNER_TOKEN: 't', RUNNER_NAME: 'n' }, 'RUNNER_TOKEN must not be set together with'],
    [{ RUNNER_CLIENT_ID: '', RUNNER_CLIENT_SECRET: '', RUNNER_TOKEN: 't' }, 'RUNNER_NAME (Runner.Name in runner.json)'],
    [{ RUNNER_CLIENT_SECRET: '', RUNNER_CLIENT_SECRET_FILE: '/nowhere' }, 'RUNNER_CLIENT_SECRET_FILE must name'],
    [{ RUNNER_CONFIG: 'absent.json' }, 'RUNNER_CONFIG must name a readable JSON file'],
    [{ TIME_SCALE: '0' }, 'TIME_SCALE must be a number above 0'],
  ])('%j stops the start with one line', (env, line) => {
    const attempt = (): unknown => load({ ...MINIMUM, ...env });
    expect(attempt).toThrow(SettingsError);
    expect(attempt).toThrow(line);
    expect(attempt).not.toThrow('\n');
  });

  test.each([
    [{ Runner: { Slots: 3 } }, 'Runner.Slots in '],
    [{ runner: {} }, 'runner in '],
    ['{', 'must be JSON'],
    ['[]', 'must hold one JSON object'],
    [
      { Runner: { MaxConcurrentJobs: 0 } },
      'RUNNER_MAX_CONCURRENT_JOBS (Runner.MaxConcurrentJobs in runner.json) must be',
    ],
  ])('a file with %j is refused', (content, line) => {
    writeFile(content);
    expect(() => load(MINIMUM)).toThrow(line);
  });

  test('never says what a secret is', () => {
    const attempt = (): unknown => load({ ...MINIMUM, RUNNER_CLIENT_SECRET: `hunter2${'x'.repeat(5000)}` });
    expect(attempt).toThrow('RUNNER_CLIENT_SECRET must be');
    expect(attempt).not.toThrow('hunter2');
  });
});
