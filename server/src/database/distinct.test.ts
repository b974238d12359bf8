import { expect, test } from '@jest/globals';
import { distinct } from './distinct.js';

test('each kind once, and which of them each row is of', () => {
  const rows = ['ant', 'bee', 'ape', 'cat', 'bat'];
  expect(distinct(rows, (a, b) => a[0] === b[0])).toEqual({ kinds: ['ant', 'bee', 'cat'], places: [1, 2, 1, 3, 2] });
  expect(distinct([], Object.is)).toEqual({ kinds: [], places: [] });
});
