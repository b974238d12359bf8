import { expect, test } from '@jest/globals';
import { linesOfHash, stepOfHash } from './line-link';

test.each([
  ['#L12', { from: 12, to: 12 }],
  ['#L12-L15', { from: 12, to: 15 }],
  ['#L15-12', { from: 12, to: 15 }],
  ['#L0', null],
  ['#L12-', null],
  ['#step-2', null],
  ['', null],
])('lines of %j', (hash, lines) => expect(linesOfHash(hash)).toEqual(lines));

test.each([
  ['#step-1', 0],
  ['#step-0', null],
  ['#L1', null],
])('step of %j', (hash, step) => expect(stepOfHash(hash)).toBe(step));
