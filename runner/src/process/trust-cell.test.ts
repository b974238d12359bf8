import { describe, expect, test } from '@jest/globals';
import { TrustCell } from './trust-cell.js';

describe('TrustCell', () => {
  test('fires once, when an armed deadline has passed', () => {
    const cell = new TrustCell();
    expect(cell.fireIfPassed(1e9)).toBe(false);
    expect(cell.arm(1000)).toBe(true);
    expect(cell.fireIfPassed(999)).toBe(false);
    expect(cell.fireIfPassed(1000)).toBe(true);
    expect(cell.fireIfPassed(2000)).toBe(false);
    expect(cell.fired).toBe(true);
  });

  test('what was moved in time does not fire', () => {
    const cell = new TrustCell();
    cell.arm(1000);
    cell.move(2000);
    expect(cell.fireIfPassed(1500)).toBe(false);
    expect(cell.fireIfPassed(2000)).toBe(true);
  });

  test('a renewal between two steps does not arm it', () => {
    const cell = new TrustCell();
    cell.arm(1000);
    cell.disarm();
    cell.move(1200);
    expect(cell.fireIfPassed(5000)).toBe(false);
  });

  test('fired is for ever: nothing is armed or moved after it', () => {
    const cell = new TrustCell();
    cell.arm(1);
    cell.fireIfPassed(1);
    cell.move(9000);
    cell.disarm();
    expect(cell.arm(9000)).toBe(false);
    expect(cell.fired).toBe(true);
  });

  test('both sides see the same memory', () => {
    const mine = new TrustCell();
    const theirs = new TrustCell(mine.memory);
    mine.arm(1000);
    expect(theirs.fireIfPassed(1000)).toBe(true);
    expect(mine.fired).toBe(true);
  });
});
