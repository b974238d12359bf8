import { describe, expect, test } from '@jest/globals';
import { HIERARCHY_LEVELS } from '@dibs/shared';
import type { EffectiveSettings, HierarchyLevel, ModuleSettings, ModuleSettingsPatch } from '@dibs/shared';
import { effectiveSettings } from './effective-settings.js';
import { mergeSecrets, mergeSettings } from './merge-settings.js';

const DEFAULTS = { timeoutSeconds: 3600, queueTimeoutSeconds: 86_400 };

/** A value of each property that tells which level it is of. */
const valueOf = {
  engine: (level) => ({ name: 'tofu', version: `>=1.${HIERARCHY_LEVELS.indexOf(level)}` }),
  placement: (level) => ({ runner: `runner-of-${level}`, instance: null }),
  labels: (level) => ({ level }),
  timeoutSeconds: (level) => 10 + HIERARCHY_LEVELS.indexOf(level),
  queueTimeoutSeconds: (level) => 20 + HIERARCHY_LEVELS.indexOf(level),
  source: (level) => ({ type: 'git', url: `https://git.example/${level}`, revision: null, path: null, depth: null }),
  backend: (level) => ({ path: level }),
  flags: (level) => ({ plan: [`-target=${level}`] }),
  workspace: (level) => level,
  approval: (level) => ({ when: 'always', expiresAfterSeconds: 30 + HIERARCHY_LEVELS.indexOf(level) }),
  triggerOnUpstreamOutputChanged: (level) => level !== 'organization',
  triggerOnDefinitionChanged: (level) => level !== 'organization',
  triggerOnSourceChanged: (level) => level !== 'organization',
  sourcePolling: (level) => ({ everySeconds: 60 + HIERARCHY_LEVELS.indexOf(level) }),
} satisfies {
  [Key in Exclude<keyof ModuleSettings, 'variables' | 'environment' | 'files' | 'hooks'>]: (
    level: HierarchyLevel,
  ) => ModuleSettings[Key];
};
const KEYS = Object.keys(valueOf) as (keyof typeof valueOf)[];

const FALLBACK = {
  engine: null,
  placement: { runner: null, instance: null },
  labels: {},
  ...DEFAULTS,
  source: null,
  backend: {},
  flags: {},
  workspace: null,
  approval: { when: 'changes', expiresAfterSeconds: 604_800 },
  triggerOnUpstreamOutputChanged: false,
  triggerOnDefinitionChanged: false,
  triggerOnSourceChanged: false,
  sourcePolling: { everySeconds: 300 },
} satisfies { [Key in keyof typeof valueOf]: EffectiveSettings[Key]['value'] };

const levelsWith = (settings: (level: HierarchyLevel) => ModuleSettings, depth: number = HIERARCHY_LEVELS.length) =>
  HIERARCHY_LEVELS.slice(0, depth).map((level) => ({ level, settings: settings(level) }));

describe('what counts for a level', () => {
  // every set of levels that may set a property: 16 of them
  const sets = Array.from({ length: 2 ** HIERARCHY_LEVELS.length }, (_, bits) =>
    HIERARCHY_LEVELS.filter((_level, index) => (bits >> index) % 2 === 1),
  );

  test.each(KEYS.flatMap((key) => sets.map((set) => [key, set] as const)))(
    '%s, set by %j, is that of the innermost of them',
    (key, set) => {
      const levels = levelsWith((level) => (set.includes(level) ? { [key]: valueOf[key](level) } : {}));
      const effective = effectiveSettings(levels, DEFAULTS);
      const winner = set.at(-1);
      expect(effective[key]).toEqual(
        winner === undefined
          ? { value: FALLBACK[key], origin: 'default' }
          : { value: valueOf[key](winner), origin: winner },
      );
      for (const other of KEYS.filter((each) => each !== key)) {
        expect(effective[other]).toEqual({ value: FALLBACK[other], origin: 'default' });
      }
    },
  );

  test.each([1, 2, 3])('ends with the level that is asked about (%i of them)', (depth) => {
    const levels = levelsWith((level) => ({ timeoutSeconds: valueOf.timeoutSeconds(level) }), depth);
    expect(effectiveSettings(levels, DEFAULTS).timeoutSeconds.origin).toBe(HIERARCHY_LEVELS[depth - 1]);
  });

  test('takes a pin away where an inner level says: anywhere', () => {
    const levels = levelsWith((level) =>
      level === 'stack'
        ? { placement: { runner: 'pool', instance: 'pool-0' } }
        : level === 'module'
          ? { placement: { runner: null, instance: null } }
          : {},
    );
    expect(effectiveSettings(levels, DEFAULTS).placement).toEqual({
      value: { runner: null, instance: null },
      origin: 'module',
    });
  });

  test('never mixes the parts of a pin or of an engine', () => {
    const levels = levelsWith((level) =>
      level === 'stack'
        ? { placement: { runner: 'pool', instance: 'pool-0' }, engine: { name: 'terraform', version: '>=1.5' } }
        : level === 'module'
          ? { placement: { runner: 'other', instance: null }, engine: { name: 'tofu', version: null } }
          : {},
    );
    const { placement, engine } = effectiveSettings(levels, DEFAULTS);
    expect([placement.value, engine.value]).toEqual([
      { runner: 'other', instance: null },
      { name: 'tofu', version: null },
    ]);
  });
});

describe('entries of variables, environment and files', () => {
  const levels = levelsWith(
    (level) =>
      ({
        organization: {
          variables: { region: { type: 'literal', value: 'eu' }, size: { type: 'literal', value: 'small' } },
          files: { 'a.tf': { type: 'text', content: 'outer' }, 'b.tf': { type: 'text', content: 'outer' } },
        },
        stack: { variables: { size: { type: 'none' }, token: { type: 'secret' } } },
        namespace: {
          variables: { token: { type: 'secret' } },
          environment: { ZONE: { type: 'literal', value: 'z1' } },
        },
        module: {
          variables: {
            place: { type: 'namespace', name: 'region' },
            key: { type: 'namespace', name: 'token' },
            gone: { type: 'namespace', name: 'size' },
            token: { type: 'literal', value: 'mine' },
          },
          environment: { HERE: { type: 'namespace', name: 'ZONE' } },
          files: { 'a.tf': { type: 'none' }, 'b.tf': { type: 'text', content: 'inner' } },
        },
      })[level] as ModuleSettings,
  );

  test('count each by itself, and none takes an inherited one away', () => {
    const { variables, files } = effectiveSettings(levels, DEFAULTS);
    expect(Object.keys(variables)).toEqual(['gone', 'key', 'place', 'region', 'token']);
    expect(variables.token).toEqual({ value: { type: 'literal', value: 'mine' }, origin: 'module', name: 'token' });
    expect(files).toEqual({ 'b.tf': { value: { type: 'text', content: 'inner' }, origin: 'module' } });
    expect(Object.keys(effectiveSettings(levels.slice(0, 1), DEFAULTS).variables)).toEqual(['region', 'size']);
  });

  test('are taken from the namespace as they count there, whatever the module has under that name', () => {
    const { variables, environment } = effectiveSettings(levels, DEFAULTS);
    expect(variables.place).toEqual({
      value: { type: 'literal', value: 'eu' },
      origin: 'organization',
      name: 'region',
    });
    expect(variables.key).toEqual({ value: { type: 'secret' }, origin: 'namespace', name: 'token' });
    expect(environment.HERE).toEqual({ value: { type: 'literal', value: 'z1' }, origin: 'namespace', name: 'ZONE' });
    // there is nothing to take: it is told as it is
    expect(variables.gone).toEqual({ value: { type: 'namespace', name: 'size' }, origin: 'module', name: 'gone' });
  });

  test('are changed one by one, and values of secrets go another way', () => {
    const own: ModuleSettings = { variables: { a: { type: 'secret' }, b: { type: 'literal', value: '1' } } };
    const secrets = { variables: { a: 'secret-a' }, environment: {} };
    const patch = {
      variables: { b: { type: 'secret', value: 'secret-b' }, c: { type: 'literal', value: '' }, d: null },
      files: { x: null },
    } as const;
    expect(mergeSettings(own, patch)).toEqual({
      variables: { a: { type: 'secret' }, b: { type: 'secret' }, c: { type: 'literal', value: '' } },
    });
    expect(mergeSecrets(secrets, patch).variables).toEqual({ a: 'secret-a', b: 'secret-b' });
    for (const gone of [{ a: null }, { a: { type: 'literal', value: 'x' } }] as const) {
      expect(mergeSecrets(secrets, { variables: gone }).variables).toEqual({});
    }
    expect(mergeSettings(own, { variables: null })).toEqual({});
    expect(mergeSecrets(secrets, { variables: null }).variables).toEqual({});
    expect(mergeSecrets(secrets, { timeoutSeconds: 1 })).toEqual(secrets);
  });

  test('of hooks count each by itself, and have a shell', () => {
    const outer = mergeSettings({}, { hooks: { 'before:plan': { type: 'script', run: 'a' } } });
    const inner = mergeSettings(
      { hooks: { 'after:apply': { type: 'script', run: 'gone', shell: 'sh' } } },
      {
        hooks: {
          'after:apply': null,
          'before:plan': { type: 'none' },
          'after:plan': { type: 'script', run: 'b', shell: 'sh' },
        },
      },
    );
    expect(outer).toEqual({ hooks: { 'before:plan': { type: 'script', run: 'a', shell: 'bash' } } });
    const { hooks } = effectiveSettings(
      [
        { level: 'stack', settings: outer },
        { level: 'module', settings: inner },
      ],
      DEFAULTS,
    );
    expect(hooks).toEqual({ 'after:plan': { value: { type: 'script', run: 'b', shell: 'sh' }, origin: 'module' } });
    expect(mergeSettings(inner, { hooks: null })).toEqual({});
  });

  test('may have names that objects have anyway', () => {
    const names = JSON.parse(
      '{"__proto__": {"type": "literal", "value": "1"}, "constructor": {"type": "none"}}',
    ) as object;
    const settings = mergeSettings({}, { variables: names as ModuleSettingsPatch['variables'] });
    expect(Object.keys(settings.variables ?? {})).toEqual(['__proto__', 'constructor']);
    const { variables } = effectiveSettings([{ level: 'stack', settings }], DEFAULTS);
    expect(Object.entries(variables).map(([name, { origin }]) => [name, origin])).toEqual([['__proto__', 'stack']]);
  });
});

describe('a change of what a level sets', () => {
  const before: ModuleSettings = { engine: { name: 'terraform', version: '1' }, labels: { a: '1' }, timeoutSeconds: 5 };

  test('touches nothing that it does not name', () => {
    expect(mergeSettings(before, {})).toEqual(before);
    expect(mergeSettings(before, { timeoutSeconds: 7 })).toEqual({ ...before, timeoutSeconds: 7 });
    expect(mergeSettings(before, { engine: undefined })).toEqual(before);
  });

  test('takes away what is null, and what was not there stays away', () => {
    expect(mergeSettings(before, { engine: null, labels: null, placement: null })).toEqual({ timeoutSeconds: 5 });
  });

  test('replaces a property as a whole and fills in its parts', () => {
    expect(mergeSettings(before, { engine: { name: 'tofu' }, labels: {}, placement: { instance: 'i-0' } })).toEqual({
      engine: { name: 'tofu', version: null },
      labels: {},
      placement: { runner: null, instance: 'i-0' },
      timeoutSeconds: 5,
    });
    const url = 'https://git.example/vpc';
    expect(
      mergeSettings({}, { source: { type: 'git', url, versions: '1' }, approval: { expiresAfterSeconds: 5 } }),
    ).toEqual({
      source: { type: 'git', url, revision: null, versions: '1', path: null, depth: null },
      approval: { when: 'changes', expiresAfterSeconds: 5 },
    });
    expect(mergeSettings({}, { approval: { when: 'never' } })).toEqual({
      approval: { when: 'never', expiresAfterSeconds: 604_800 },
    });
  });
});
