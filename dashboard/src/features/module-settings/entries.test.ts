import { expect, test } from '@jest/globals';
import type { EffectiveSettings } from '@dibs/shared';
import { entriesOf } from './entries';
import type { SettingsScope } from './settings-scope';

const literal = (value: string) => ({ type: 'literal' as const, value });

function scopeWith(part: Pick<SettingsScope, 'own'> & Partial<SettingsScope>): SettingsScope {
  return { holder: null, level: 'module', effective: null, places: [], mayManage: true, ...part };
}

test('what counts stands beside what is taken away here, by name', () => {
  const variables = {
    region: { value: literal('eu'), origin: 'stack' as const, name: 'region' },
    cidr: { value: literal('10.0.0.0/8'), origin: 'module' as const, name: 'cidr' },
  };
  const own = { variables: { cidr: literal('10.0.0.0/8'), debug: { type: 'none' as const } } };
  const entries = entriesOf(scopeWith({ own, effective: { variables } as unknown as EffectiveSettings }), 'variables');
  expect(entries.map(({ name, origin, own }) => [name, origin, own?.type ?? null])).toEqual([
    ['cidr', 'module', 'literal'],
    ['debug', 'module', 'none'],
    ['region', 'stack', null],
  ]);
});

test('where nothing is inherited, what is set is what counts', () => {
  const own = { variables: { b: literal('2'), a: literal('1') } };
  const entries = entriesOf(scopeWith({ own, level: 'organization' }), 'variables');
  expect(entries.map(({ name, origin }) => [name, origin])).toEqual([
    ['a', 'organization'],
    ['b', 'organization'],
  ]);
});
