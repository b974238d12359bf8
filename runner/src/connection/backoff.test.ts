import { describe, expect, test } from '@jest/globals';
import { backoffMs, reconnectBackoffMs } from './backoff.js';

const LIMITS = { firstMs: 2000, capMs: 30_000 };

describe('backoffMs', () => {
  test.each([
    [0, 2000],
    [1, 4000],
    [3, 16_000],
    [4, 30_000],
    [1000, 30_000],
  ])('after %i failures waits anywhere below %i ms', (failures, boundMs) => {
    expect(backoffMs(failures, 0, LIMITS)).toBe(0);
    expect(backoffMs(failures, 0.5, LIMITS)).toBe(boundMs / 2);
    expect(backoffMs(failures, 0.999, LIMITS)).toBeLessThan(boundMs);
  });

  test('what the server asked for is waited in any case, and the jitter on top', () => {
    expect(backoffMs(0, 0, LIMITS, 5000)).toBe(5000);
    expect(backoffMs(0, 0.5, LIMITS, 5000)).toBe(6000);
  });
});

describe('reconnectBackoffMs', () => {
  test.each([
    [0, 2000],
    [1500, 2000],
    [7000, 7000],
    [3_600_000, 30_000],
  ])('after %i ms without a server waits anywhere below %i ms', (outageMs, boundMs) => {
    expect(reconnectBackoffMs(outageMs, 0, LIMITS)).toBe(0);
    expect(reconnectBackoffMs(outageMs, 0.5, LIMITS)).toBe(boundMs / 2);
    expect(reconnectBackoffMs(outageMs, 0.999, LIMITS)).toBeLessThan(boundMs);
  });

  test('never before the server said', () => {
    expect(reconnectBackoffMs(7000, 0, LIMITS, 5000)).toBe(5000);
  });
});
