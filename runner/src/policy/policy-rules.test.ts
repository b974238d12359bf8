import { describe, expect, test } from '@jest/globals';
import type { EngineSpec, StepSpec } from '@dibs/shared';
import type { Policy } from './policy.schema.js';
import { ruleAgainstJob, ruleAgainstPlan, type JobToJudge, type PolicyContext } from './policy-rules.js';

const script = (part?: StepSpec['part']): StepSpec => ({
  ...{ name: 'a step', run: 'true', shell: 'bash', timeoutSeconds: null },
  ...(part && { part }),
});
const ENGINE: EngineSpec = {
  ...{ name: 'terraform', version: null, command: 'plan', destroys: false, variables: [], backend: {}, flags: {} },
  ...{ workspace: null, plan: null, lockId: null },
};
const INIT = script({ type: 'engine', phase: 'init' });
const HOOK = script({ type: 'hook', at: 'before:init' });

const plain = (spec: Partial<JobToJudge['spec']> = {}, secrets: Record<string, string> = {}): JobToJudge => ({
  spec: { steps: [script()], source: null, files: [], env: {}, ...spec },
  secrets,
});
const module = (engine: Partial<EngineSpec> = {}, spec: Partial<JobToJudge['spec']> = {}): JobToJudge =>
  plain({ steps: [INIT], engine: { ...ENGINE, ...engine }, ...spec });
const from = (url: string, files: string[] = []) =>
  module(
    {},
    {
      source: { type: 'git', url, revision: null, path: null, depth: null },
      files: files.map((path) => ({ path, content: '' })),
    },
  );

const uploaded = (sha256: string) => module({}, { source: { type: 'archive', sha256, path: null } });

const CONTEXT: PolicyContext = { engineVersion: () => '1.9.3', hooksPreapproved: false };
const sources = {
  git: ['https://git.example/infra/**'],
  archives: ['ab*'],
  files: ['*.tfvars'],
  flags: ['-parallelism=*'],
};
const nothing = { git: [], archives: [], files: [], flags: [] };

describe('a policy', () => {
  test.each<[string, Policy, JobToJudge, Partial<PolicyContext>?]>([
    ['that says nothing but that scripts are fine: all', { scripts: true }, from('https://x.example/y', ['a.tf'])],
    ['plain scripts, when it says so', { scripts: true, engines: {}, commands: [] }, plain()],
    ['steps of engines', { scripts: false }, module()],
    ['hooks that need approval', { scripts: false }, module({}, { steps: [HOOK, INIT] }), { hooksPreapproved: true }],
    ['sources and files that it lists', { scripts: false, sources }, from('https://git.example/infra/x', ['a.tfvars'])],
    ['an archive that it lists', { scripts: false, sources }, uploaded('ab12')],
    ['no source at all', { scripts: false, sources: nothing }, module()],
    ['a version in its range', { scripts: false, engines: { terraform: '>=1.9 <2' } }, module()],
    [
      'a version in two parts',
      { scripts: false, engines: { terraform: '1.9' } },
      module(),
      { engineVersion: () => '1.9' },
    ],
    [
      'a release candidate by its order',
      { scripts: false, engines: { terraform: '>=1.9' } },
      module(),
      { engineVersion: () => '1.10.0-rc1' },
    ],
    ['flags that it lists', { scripts: false, sources }, module({ flags: { plan: ['-parallelism=4'] } })],
    [
      'any version, known or not',
      { scripts: false, engines: { terraform: '*' } },
      module(),
      { engineVersion: () => null },
    ],
    ['commands that it lists', { scripts: false, commands: ['plan', 'apply'] }, module({ command: 'apply' })],
    ['variables of the engine', { scripts: false }, module({}, { env: { TF_VAR_x: '1', DIBS_PULUMI_CONFIG_x: '1' } })],
  ])('allows %s', (_what, policy, job, context = {}) =>
    expect(ruleAgainstJob(policy, job, { ...CONTEXT, ...context })).toBeNull(),
  );

  test.each<[string, Policy, JobToJudge, RegExp, Partial<PolicyContext>?]>([
    ['a script', { scripts: false }, plain(), /^scripts: the step "a step"/],
    ['a script among engines', { scripts: false }, module({}, { steps: [INIT, script()] }), /^scripts: the step/],
    ['a step that only claims to be of an engine', { scripts: false }, plain({ steps: [INIT] }), /^scripts:/],
    [
      'a step of a kind that it does not know',
      { scripts: false },
      module({}, { steps: [INIT, { ...INIT, part: { type: 'other' } as never }] }),
      /^scripts: the step/,
    ],
    ['a hook that needs no approval', { scripts: false }, module({}, { steps: [HOOK, INIT] }), /^scripts: the hook/],
    ['another source', { scripts: true, sources }, from('https://git.example/other/x'), /^sources.git:.*other\/x/],
    [
      'another source, without showing its password',
      { scripts: true, sources },
      from('https://me:hunter2@evil.example/x'),
      /^sources.git: "https:\/\/…@evil.example\/x"/,
    ],
    [
      'another file',
      { scripts: true, sources },
      from('https://git.example/infra/x', ['a.tfvars', 'b.tf']),
      /files: "b.tf"/,
    ],
    ['a source when none is listed', { scripts: true, sources: nothing }, from('https://a/b'), /^sources.git/],
    ['another archive', { scripts: true, sources }, uploaded('cd12'), /^sources.archives: "cd12"/],
    ['an archive when none is listed', { scripts: true, sources: nothing }, uploaded('ab12'), /^sources.archives/],
    [
      'another flag',
      { scripts: true, sources },
      module({ flags: { plan: ['-parallelism=4'], init: ['-from-module=x'] } }),
      /^sources.flags: "-from-module=x"/,
    ],
    ['another engine', { scripts: true, engines: { tofu: '*' } }, module(), /^engines: terraform is not listed/],
    ['another version', { scripts: true, engines: { terraform: '>=2' } }, module(), /terraform is 1.9.3 here, and >=2/],
    [
      'a version that nobody knows',
      { scripts: true, engines: { terraform: '>=0' } },
      module(),
      /^engines: the version of terraform is not known/,
      { engineVersion: () => null },
    ],
    ['another command', { scripts: true, commands: ['plan'] }, module({ command: 'apply' }), /^commands: apply/],
    ['every engine when none is listed', { scripts: true, engines: {} }, module(), /^engines: terraform/],
    ['a loader variable', { scripts: true }, module({}, { env: { LD_PRELOAD: '/x' } }), /"LD_PRELOAD"/],
    [
      'more arguments for the engine',
      { scripts: true },
      module({}, { env: { TF_CLI_ARGS_plan: '-x' } }),
      /TF_CLI_ARGS/,
    ],
    ['another PATH', { scripts: true }, module({}, { env: { PATH: '.' } }), /"PATH"/],
    ['a function', { scripts: true }, module({}, { env: { 'BASH_FUNC_ls%%': '() { x; }' } }), /BASH_FUNC/],
    ['a loader variable among secrets', { scripts: true }, { ...module(), secrets: { BASH_ENV: 'x' } }, /"BASH_ENV"/],
  ])('refuses %s', (_what, policy, job, rule, context = {}) =>
    expect(ruleAgainstJob(policy, job, { ...CONTEXT, ...context })).toMatch(rule),
  );

  test('leaves the environment of scripts alone, which can set it themselves', () => {
    expect(ruleAgainstJob({ scripts: true }, plain({ env: { PATH: '.' } }), CONTEXT)).toBeNull();
  });

  test.each<[number | undefined, number, boolean]>([
    [undefined, 1000, true],
    [0, 0, true],
    [3, 3, true],
    [3, 4, false],
    [0, 1, false],
  ])('with maximumDestroys %p and a plan that destroys %i: %p', (maximumDestroys, destroy, isAllowed) => {
    const why = ruleAgainstPlan(
      { scripts: true, ...(maximumDestroys !== undefined && { maximumDestroys }) },
      { destroy },
    );
    expect(why === null).toBe(isAllowed);
    if (why !== null)
      expect(why).toBe(`maximumDestroys: the plan destroys ${destroy}, and ${maximumDestroys} are allowed`);
  });
});
