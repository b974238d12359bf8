import { describe, expect, test } from '@jest/globals';
import { toolRequirementOf, versionOf } from './tool-requirement.js';

describe('versionOf', () => {
  test.each([
    ['Terraform v1.9.8', '1.9.8'],
    ['git version 2.39.5', '2.39.5'],
    ['git version 2.43.0.windows.1', '2.43.0'],
    ['jq-1.6', '1.6.0'],
    ['v20', '20.0.0'],
    ['less 590', '590.0.0'],
    ['go version go1.22.3 linux/amd64', '1.22.3'],
    ['k3s version v1.27.4+k3s1', '1.27.4'],
    ['psql (PostgreSQL) 15.4 (Debian 15.4-2.deb12u3)', '15.4.0'],
    ['curl 7.88.1-10+deb12u5', '7.88.1'],
    ['bash, version 5.2.15(1)-release', '5.2.15'],
    ['aws-cli/2.15.0 Python/3.11.6', '2.15.0'],
    ['Terraform v1.10.0-rc1', '1.10.0-rc1'],
    ['tool 1.2.0-beta.03', '1.2.0-beta.3'],
    ['1.09.3', '1.9.3'],
  ])('reads %s as %s', (text, version) => {
    expect(versionOf(text)).toBe(version);
  });

  test.each(['', 'unknown', 'k3s', 'built 2023-11-05', '99999999999999999999.1', 'x'.repeat(10_000)])(
    'finds none in %s',
    (text) => {
      expect(versionOf(text)).toBeNull();
    },
  );
});

describe('toolRequirementOf', () => {
  test('takes a bare name for any version', () => {
    expect(toolRequirementOf('git')).toMatchObject({ name: 'git', range: null });
  });

  test.each([
    ['terraform@>=1.5 <2', '1.9.8', true],
    ['terraform@>=1.5 <2', '2.0.0', false],
    ['terraform@^1.5', '1.9.8', true],
    ['terraform@1.9', '1.9.8', true],
    ['terraform@1.9', '1.10.0', false],
    ['terraform@>=1.9', '1.10.0-rc1', true],
    ['terraform@>=1.10.0', '1.10.0-rc1', false],
    ['terraform@1.5 || >=3', '3.1.0', true],
    ['terraform@*', '0.0.1', true],
  ])('%s admits %s: %s', (text, version, admitted) => {
    expect(toolRequirementOf(text)?.admits(version)).toBe(admitted);
  });

  test.each(['', '@1', 'git@', 'git@ ', 'git@soon', 'a b', '-x', 'git@>=1 ; rm', `git@${'>=1 '.repeat(50)}`])(
    'refuses %j',
    (text) => {
      expect(toolRequirementOf(text)).toBeNull();
      // the memory of an earlier answer is the same answer
      expect(toolRequirementOf(text)).toBeNull();
    },
  );
});
