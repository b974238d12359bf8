import { expect, test } from '@jest/globals';
import { CANCEL_MODES } from '@dibs/shared';
import { escalates } from './cancel-mode.js';

test('a cancel can become harsher, never milder', () => {
  const harsher = CANCEL_MODES.flatMap((from) =>
    CANCEL_MODES.filter((to) => escalates(from, to)).map((to) => `${from}>${to}`),
  );
  expect(harsher.sort()).toEqual(['after_step>graceful', 'after_step>kill', 'graceful>kill']);
  expect(CANCEL_MODES.every((mode) => escalates(null, mode))).toBe(true);
});
