import { expect, test } from '@jest/globals';
import { progressOf } from './scope-run-progress';

const NONE = { waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, canceled: 0 };

test('what is done, and what will not be', () => {
  expect(progressOf({ ...NONE, waiting: 2, succeeded: 3 })).toBe('3 of 5 modules done');
  expect(progressOf({ ...NONE, succeeded: 1 })).toBe('1 of 1 module done');
  expect(progressOf({ ...NONE, succeeded: 2, failed: 1, skipped: 4 })).toBe('2 of 7 modules done, 1 failed, 4 skipped');
});
