import { expect, test } from '@jest/globals';
import { distinct } from './distinct.js';

test('each kind once, and which of them each row is of', () => {
  const rows = ['ant', 'bee', 'ape', 'cat', 'bat'];
  expect(distinct(rows, (row) => row[0]!)).toEqual({ kinds: ['ant', 'bee', 'cat'], places: [1, 2, 1, 3, 2] });
  expect(distinct([], String)).toEqual({ kinds: [], places: [] });
});
