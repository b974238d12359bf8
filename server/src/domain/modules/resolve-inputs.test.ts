import { expect, test } from '@jest/globals';
import type { EffectiveInput, EngineOutput, ModuleInput } from '@dibs/shared';
import { keyOf, outputReferences, resolveInputs, type InputValues } from './resolve-inputs.js';

const VPC = '0197a000-0000-7000-8000-000000000001';
const OUTPUTS: Record<string, EngineOutput> = {
  [`${VPC}/id`]: { value: 'vpc-1', sensitive: false },
  [`${VPC}/zones`]: { value: ['a', 'b'], sensitive: false },
  [`${VPC}/nothing`]: { value: null, sensitive: false },
  [`${VPC}/key`]: { value: 'planted', sensitive: true },
};
const values: InputValues = {
  secretOf: (origin, kind, name) => (name === 'lost' ? undefined : `${origin}:${kind}:${name}`),
  outputOf: (reference) => OUTPUTS[keyOf(reference)] ?? null,
  problemOfValue: (value) => (value.includes('\0') ? 'must not contain NUL' : null),
};
const input = (value: ModuleInput, name = 'here'): EffectiveInput => ({ value, origin: 'stack', name });
const output = (name: string) => input({ type: 'output', moduleId: VPC, output: name });

test('inputs become environment, and what is secret or sensitive stays apart', () => {
  const settings = {
    variables: {
      region: input({ type: 'literal', value: 'eu' }),
      password: input({ type: 'secret' }, 'db'),
      vpc: output('id'),
      zones: output('zones'),
      nothing: output('nothing'),
      key: output('key'),
    },
    environment: { REGION: input({ type: 'literal', value: '' }), TOKEN: input({ type: 'secret' }, 'TOKEN') },
  };
  expect(resolveInputs('tofu', settings, values)).toEqual({
    env: { TF_VAR_region: 'eu', TF_VAR_vpc: 'vpc-1', TF_VAR_zones: '["a","b"]', TF_VAR_nothing: 'null', REGION: '' },
    secrets: { TF_VAR_password: 'stack:variables:db', TF_VAR_key: 'planted', TOKEN: 'stack:environment:TOKEN' },
    problems: [],
  });
  expect(Object.keys(resolveInputs('pulumi', settings, values).secrets)).toContain('DIBS_PULUMI_CONFIG_key');
  expect(outputReferences(settings).map((each) => each.output)).toEqual(['id', 'zones', 'nothing', 'key']);
});

test('every input without a value is named, and no value is repeated', () => {
  const settings = {
    variables: {
      a: output('missing'),
      b: input({ type: 'namespace', name: 'region' }),
      c: input({ type: 'secret' }, 'lost'),
    },
    environment: { D: input({ type: 'literal', value: 'x\0planted' }) },
  };
  const { env, secrets, problems } = resolveInputs('terraform', settings, values);
  expect([env, secrets]).toEqual([{}, {}]);
  expect(problems.map(({ path }) => path)).toEqual(['variables.a', 'variables.b', 'variables.c', 'environment.D']);
  expect(JSON.stringify(problems)).not.toContain('planted');
});
