import { expect, test } from '@jest/globals';
import { claimToken } from './claim-token.js';

test('claim tokens are 24 random bytes each, also when the bytes are fetched anew', () => {
  const tokens = Array.from({ length: 1_000 }, claimToken);
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
});
