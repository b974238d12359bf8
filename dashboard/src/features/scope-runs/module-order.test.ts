import { expect, test } from '@jest/globals';
import { nameInside, orderOf, reversed } from './module-order';

const edge = (from: string, to: string) => ({ from, to });
const DIAMOND = [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')];

test('what needs nothing of each other is in one wave, after all that it needs', () => {
  expect(orderOf(['d', 'c', 'b', 'a', 'alone'], DIAMOND)).toEqual({
    waves: [['a', 'alone'], ['c', 'b'], ['d']],
    stuck: [],
  });
});

test('destroying goes the other way', () => {
  expect(orderOf(['a', 'b', 'c', 'd'], reversed(DIAMOND)).waves).toEqual([['d'], ['b', 'c'], ['a']]);
});

test('a circle and what is after it have no place, and unknown modules do not count', () => {
  const edges = [edge('a', 'b'), edge('b', 'c'), edge('c', 'b'), edge('c', 'd'), edge('elsewhere', 'a')];
  expect(orderOf(['a', 'b', 'c', 'd'], edges)).toEqual({ waves: [['a']], stuck: ['b', 'c', 'd'] });
  expect(orderOf(['a'], [edge('a', 'a')])).toEqual({ waves: [], stuck: ['a'] });
  expect(orderOf([], [])).toEqual({ waves: [], stuck: [] });
});

test('a name inside, and a path elsewhere', () => {
  expect(nameInside('prod/network/vpc', 'prod')).toBe('network/vpc');
  expect(nameInside('prod/network/vpc', 'prod/network')).toBe('vpc');
  expect(nameInside('prod2/network/vpc', 'prod')).toBe('prod2/network/vpc');
});
