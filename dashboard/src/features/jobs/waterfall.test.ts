import { expect, test } from '@jest/globals';
import { waterfall } from './waterfall';

test('short waiting is drawn to scale', () => {
  const { extent, isWaitCut } = waterfall({ queuedMs: 1_000, claimedMs: 2_000, endMs: 11_000 });
  expect(isWaitCut).toBe(false);
  expect(extent(1_000, 2_000)).toEqual({ from: 0, width: 0.1 });
  expect(extent(2_000, 11_000).width).toBeCloseTo(0.9);
  expect(extent(6_500, 11_000).from).toBeCloseTo(0.55);
});

test('long waiting is cut short, and what ran has the rest', () => {
  const { extent, isWaitCut } = waterfall({ queuedMs: 0, claimedMs: 3_600_000, endMs: 3_610_000 });
  expect(isWaitCut).toBe(true);
  expect(extent(0, 3_600_000)).toEqual({ from: 0, width: 0.3 });
  expect(extent(3_600_000, 3_605_000).width).toBeCloseTo(0.35);
});

test('nobody has taken it: all of it is waiting', () => {
  expect(waterfall({ queuedMs: 0, claimedMs: null, endMs: 5_000 }).extent(0, 5_000)).toEqual({ from: 0, width: 1 });
});

test('clocks that disagree and lives without length stay on the bar', () => {
  const none = waterfall({ queuedMs: 5, claimedMs: 5, endMs: 5 }).extent(5, 5);
  expect(none).toEqual({ from: 0, width: 0 });
  const odd = waterfall({ queuedMs: 100, claimedMs: 50, endMs: 200 }).extent(10, 900);
  expect(odd).toEqual({ from: 0, width: 1 });
});
