import { expect, test } from '@jest/globals';
import type { RunOperation, RunState } from '@dibs/shared';
import { deployedAfter } from './deployed-after.js';

test.each<[RunOperation, RunState, RunState, boolean | null]>([
  ['apply', 'planning', 'awaiting_approval', null],
  ['apply', 'planning', 'applying', null],
  ['apply', 'planning', 'succeeded', true],
  ['apply', 'applying', 'succeeded', true],
  ['apply', 'applying', 'failed', true],
  ['apply', 'applying', 'canceled', true],
  ['apply', 'planning', 'failed', null],
  ['apply', 'planning', 'canceled', null],
  ['destroy', 'planning', 'succeeded', false],
  ['destroy', 'applying', 'succeeded', false],
  ['destroy', 'applying', 'failed', null],
  ['plan', 'planning', 'succeeded', null],
  ['outputs', 'working', 'succeeded', null],
])('after %s from %s to %s: %s', (operation, from, to, expected) => {
  expect(deployedAfter(operation, from, to)).toBe(expected);
});
