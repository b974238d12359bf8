import { describe, expect, test } from '@jest/globals';
import { firstIdAt, lastIdAt, timeOfId } from './id-time.js';

describe('the time in an id', () => {
  test('goes in and comes out again', () => {
    const at = Date.UTC(2026, 10, 21, 12, 30, 1, 7);
    expect(firstIdAt(at)).toBe('01a1fe15-c12f-0000-0000-000000000000');
    expect(timeOfId(firstIdAt(at))).toBe(at);
    expect(timeOfId('019aa661-ABFF-7abc-8def-0123456789ab')).toBe(timeOfId('019aa661-abff-7000-8000-000000000000'));
  });

  test('is held within what an id can say', () => {
    expect(firstIdAt(-5)).toBe('00000000-0000-0000-0000-000000000000');
    expect(lastIdAt(Infinity)).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff');
  });
});
