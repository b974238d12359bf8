import { describe, expect, test } from '@jest/globals';
import { HIERARCHY_LEVELS } from '@dibs/shared';
import type { EffectiveSettings, HierarchyLevel, ModuleSettings } from '@dibs/shared';
import { effectiveSettings } from './effective-settings.js';
import { mergeSettings } from './merge-settings.js';

const DEFAULTS = { timeoutSeconds: 3600, queueTimeoutSeconds: 86_400 };

/** A value of each property that tells which level it is of. */
const valueOf = {
  engine: (level) => ({ name: 'tofu', version: `>=1.${HIERARCHY_LEVELS.indexOf(level)}` }),
  placement: (level) => ({ runner: `runner-of-${level}`, instance: null }),
  labels: (level) => ({ level }),
  timeoutSeconds: (level) => 10 + HIERARCHY_LEVELS.indexOf(level),
  queueTimeoutSeconds: (level) => 20 + HIERARCHY_LEVELS.indexOf(level),
} satisfies { [Key in keyof Required<ModuleSettings>]: (level: HierarchyLevel) => ModuleSettings[Key] };
const KEYS = Object.keys(valueOf) as (keyof typeof valueOf)[];

const FALLBACK = {
  engine: null,
  placement: { runner: null, instance: null },
  labels: {},
  ...DEFAULTS,
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
  });
});
