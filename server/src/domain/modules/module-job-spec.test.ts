import { describe, expect, test } from '@jest/globals';
import type { JobId, ModuleSettings, RunOperation } from '@dibs/shared';
import { effectiveSettings } from './effective-settings.js';
import { applyJobSpec, firstJobSpec, hooksOf, mayBeOfRun, type ModuleJobRequest } from './module-job-spec.js';

const SETTINGS: ModuleSettings = {
  labels: { zone: 'eu' },
  source: { type: 'git', url: 'https://git.example/vpc', revision: null, versions: '^1', path: 'envs/prod', depth: 1 },
  files: { 'prod.auto.tfvars': { type: 'text', content: 'a = 1' } },
  variables: { region: { type: 'literal', value: 'eu' } },
  backend: { bucket: 'state' },
  flags: { plan: ['-parallelism=4'] },
  workspace: 'prod',
  timeoutSeconds: 60,
  hooks: {
    'before:plan': { type: 'script', run: 'date', shell: 'sh' },
    'after:apply': { type: 'script', run: 'echo done', shell: 'bash' },
    'before:outputs': { type: 'none' },
  },
};
const settings = effectiveSettings([{ level: 'module', settings: SETTINGS }], {
  timeoutSeconds: 3600,
  queueTimeoutSeconds: 86_400,
});
const request = (operation: RunOperation, more: Partial<ModuleJobRequest> = {}): ModuleJobRequest => ({
  path: 'prod/network/vpc',
  scope: { stackId: 's', namespaceId: 'n', moduleId: 'm' },
  operation,
  lockId: null,
  engine: { name: 'terraform', version: '>=1.5 <2' },
  placement: { runner: 'pool', instance: null },
  settings,
  env: { TF_VAR_region: 'eu' },
  ...more,
});
const stepsOf = ({ steps }: ReturnType<typeof firstJobSpec>) => steps.map(({ name, run }) => [name, run]);

describe('the first job of a run', () => {
  test('is told all that counts for the module', () => {
    expect(firstJobSpec(request('apply'))).toMatchObject({
      name: 'plan prod/network/vpc',
      steps: [
        { name: 'init', run: 'terraform init', part: { type: 'engine', phase: 'init' } },
        { name: 'before:plan', run: 'date', shell: 'sh', part: { type: 'hook', at: 'before:plan' } },
        { name: 'plan', run: 'terraform plan', part: { type: 'engine', phase: 'plan' } },
      ],
      env: { TF_VAR_region: 'eu' },
      source: SETTINGS.source,
      files: [{ path: 'envs/prod/prod.auto.tfvars', content: 'a = 1' }],
      requires: { tools: ['terraform@>=1.5 <2'], labels: { zone: 'eu' } },
      runner: 'pool',
      ...{ timeoutSeconds: 60, queueTimeoutSeconds: 86_400, onLost: 'fail', maxAttempts: 1, retry: null },
      concurrency: { key: 'module:m', limit: 1 },
      engine: {
        ...{ name: 'terraform', version: '>=1.5 <2', command: 'plan', destroys: false, plan: null, lockId: null },
        willBeApplied: true,
        ...{ variables: ['region'], backend: { bucket: 'state' }, workspace: 'prod' },
        flags: { plan: ['-parallelism=4'] },
      },
    });
  });

  test.each<[RunOperation, string[]]>([
    ['validate', ['init', 'validate']],
    ['plan', ['init', 'before:plan', 'plan']],
    ['destroy', ['init', 'before:plan', 'plan']],
    ['outputs', ['init', 'outputs']],
    ['unlock', ['init', 'unlock']],
  ])('of %s has the steps %j', (operation, names) => {
    const spec = firstJobSpec(request(operation));
    expect(spec.steps.map(({ name }) => name)).toEqual(names);
    expect(spec.engine!.destroys).toBe(operation === 'destroy');
  });

  test('says in words what is done, takes any version, and works where there is no source', () => {
    const bare = { ...settings, source: { value: null, origin: 'default' as const } };
    const spec = firstJobSpec(
      request('destroy', { engine: { name: 'pulumi', version: null }, settings: bare, path: 'x'.repeat(300) }),
    );
    expect(spec).toMatchObject({
      source: null,
      files: [{ path: 'prod.auto.tfvars' }],
      requires: { tools: ['pulumi'] },
    });
    expect(stepsOf(spec).at(-1)).toEqual(['plan', 'pulumi preview']);
    expect(spec.name).toHaveLength(200);
    expect(stepsOf(firstJobSpec(request('destroy'))).at(-1)).toEqual(['plan', 'terraform plan -destroy']);
    expect(firstJobSpec(request('plan')).engine).toMatchObject({ willBeApplied: false });
  });

  test('runs beside no other one that locks the state', () => {
    const keyOf = (operation: RunOperation) => firstJobSpec(request(operation)).concurrency!.key;
    expect(new Set((['plan', 'apply', 'destroy', 'outputs', 'unlock'] as const).map(keyOf))).toEqual(
      new Set(['module:m']),
    );
    expect(keyOf('validate')).toBe('module:m:validate');
    expect([keyOf('plan'), keyOf('validate'), 'deploy', null].map(mayBeOfRun)).toEqual([true, true, false, false]);
  });
});

test('the job that applies does what was planned, at the commit that was planned', () => {
  const plan = { jobId: 'job' as JobId, sha256: '0'.repeat(64) };
  const planned = firstJobSpec(request('destroy'));
  const spec = applyJobSpec(planned, { path: 'prod/network/vpc', plan, commit: 'c0ffee', hooks: hooksOf(settings) });
  expect(spec).toEqual({
    ...planned,
    name: 'destroy prod/network/vpc',
    steps: spec.steps,
    source: { ...SETTINGS.source, revision: 'c0ffee', versions: null },
    engine: { ...planned.engine, command: 'apply', plan },
  });
  expect(stepsOf(spec)).toEqual([
    ['init', 'terraform init'],
    ['apply', 'terraform apply'],
    ['after:apply', 'echo done'],
    ['outputs', 'terraform output'],
  ]);
  expect(applyJobSpec({ ...planned, source: null }, { path: 'p', plan, commit: null, hooks: {} }).source).toBeNull();
});
