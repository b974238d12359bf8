import { describe, expect, test } from '@jest/globals';
import { isFreshGrant } from './grant-age.js';

const TIMING = { leaseMs: 60_000, trustMs: 45_000 };

describe('isFreshGrant', () => {
  test('up to half of what the lease outlasts the trust', () => {
    expect(isFreshGrant(1000, 1005, TIMING)).toBe(true);
    expect(isFreshGrant(1000, 8500, TIMING)).toBe(true);
    expect(isFreshGrant(1000, 8501, TIMING)).toBe(false);
  });

  test('so the trust of a runner ends before the lease, also when a renewal was answered in the moment of sending', () => {
    const statementAtMs = 0;
    let sentAtMs = 0;
    while (isFreshGrant(statementAtMs, sentAtMs + 1, TIMING)) sentAtMs += 1;
    expect(sentAtMs + TIMING.trustMs).toBeLessThan(statementAtMs + TIMING.leaseMs);
  });
});
