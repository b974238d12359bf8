import { expect, test } from '@jest/globals';
import { formatWait } from './format-wait';

test.each([
  [0.4, '0ms'],
  [7.2, '7ms'],
  [126, '0.1s'],
  [4_200, '4.2s'],
  [185_000, '3m 05s'],
])('%d ms is %s', (ms, text) => expect(formatWait(ms)).toBe(text));
