import { describe, expect, test } from '@jest/globals';
import { rankOf } from './rank.js';

const AGEING_MS = 300_000;

describe('rankOf', () => {
  test('puts the higher priority first, then the older', () => {
    expect(rankOf(2_000_000, 1, AGEING_MS)).toBeLessThan(rankOf(2_000_000, 0, AGEING_MS));
    expect(rankOf(2_000_000, 0, AGEING_MS)).toBeLessThan(rankOf(2_000_001, 0, AGEING_MS));
  });

  test('lets a job that has waited long enough go before one of higher priority', () => {
    const old = rankOf(1_000_000, -3, AGEING_MS);
    expect(old).toBeGreaterThan(rankOf(1_000_000 + 3 * AGEING_MS - 1, 0, AGEING_MS));
    expect(old).toBeLessThan(rankOf(1_000_000 + 3 * AGEING_MS + 1, 0, AGEING_MS));
  });
});
