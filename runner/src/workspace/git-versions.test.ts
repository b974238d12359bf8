import { expect, test } from '@jest/globals';
import { newestIn } from './git-versions.js';

test.each([
  ['^1.2', ['v1.2.0', 'v1.10.0', 'v1.9.9', 'v2.0.0'], 'v1.10.0'],
  ['*', ['1.0.0', 'main', 'v3', 'release-9.0.0', 'v2.0.0-rc.1'], '1.0.0'],
  ['>=2.0.0-rc.0', ['v2.0.0-rc.1', 'v2.0.0-rc.2', '1.0.0'], 'v2.0.0-rc.2'],
  ['1.0.0', ['v1.0.0', '1.0.0'], '1.0.0'],
  ['^3', ['v1.0.0'], null],
  ['^3', [], null],
])('%s in %j is %j', (range, tags, expected) => {
  expect(newestIn(tags, range)).toBe(expected);
  expect(newestIn(tags.toReversed(), range)).toBe(expected);
});

test('what is no range is said', () => {
  expect(() => newestIn(['1.0.0'], 'latest')).toThrow('"latest" is not a range');
});
