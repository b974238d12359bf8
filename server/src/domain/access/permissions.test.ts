import { describe, expect, test } from '@jest/globals';
import { PERMISSIONS, ROLES } from '@dibs/shared';
import { mayGrant, permissionsOf, strongestOf } from './permissions.js';

describe('permissionsOf', () => {
  test('every role may do all that the roles below it may', () => {
    for (const [index, role] of ROLES.entries()) {
      for (const lower of ROLES.slice(index)) {
        expect(permissionsOf(role)).toEqual(expect.arrayContaining([...permissionsOf(lower)]));
      }
    }
  });

  test('viewers only read, and see nothing of who has access', () => {
    expect([...permissionsOf('viewer')].sort()).toEqual(['jobs:read', 'modules:read', 'runners:read']);
  });

  test('operators work on jobs but manage nothing', () => {
    expect(permissionsOf('operator').filter((permission) => permission.endsWith(':manage'))).toEqual([]);
    expect(permissionsOf('operator')).toEqual(expect.arrayContaining(['jobs:submit', 'jobs:control']));
  });

  test('owners hold every permission there is, each once', () => {
    expect([...permissionsOf('owner')].sort()).toEqual([...PERMISSIONS].sort());
  });
});

describe('mayGrant', () => {
  test('nobody grants more than they hold', () => {
    const granted = ROLES.map((own) => ROLES.filter((role) => mayGrant(own, role)));
    expect(granted).toEqual([
      ['owner', 'administrator', 'operator', 'viewer'],
      ['administrator', 'operator', 'viewer'],
      ['operator', 'viewer'],
      ['viewer'],
    ]);
  });

  test('a runner principal holds nothing, so everybody may grant that', () => {
    expect(ROLES.every((role) => mayGrant(role, null))).toBe(true);
  });
});

test('of several roles the strongest counts, and a grant takes nothing away', () => {
  for (const own of ROLES) {
    expect(strongestOf(own)).toBe(own);
    for (const granted of ROLES) {
      const strongest = ROLES[Math.min(ROLES.indexOf(own), ROLES.indexOf(granted))];
      expect(strongestOf(own, granted, 'viewer')).toBe(strongest);
    }
  }
});
