import { expect, test } from '@jest/globals';
import { formatAgo, formatDuration } from './format-time';

test.each([
  [-5, '<0.1s'],
  [40, '<0.1s'],
  [420, '0.4s'],
  [9_949, '9.9s'],
  [12_345, '12s'],
  [59_999, '59s'],
  [185_000, '3m 05s'],
  [7_800_000, '2h 10m'],
  [97 * 3_600_000, '4d 1h'],
])('%d ms are %s', (ms, shown) => {
  expect(formatDuration(ms)).toBe(shown);
});

test('a running duration counts whole seconds', () => {
  expect(formatDuration(1_900, { isRunning: true })).toBe('1s');
});

test.each([
  [-3_000, 'just now'],
  [40_000, '40s ago'],
  [300_000, '5m ago'],
  [50 * 3_600_000, '2d ago'],
])('%d ms are %s', (ms, shown) => {
  expect(formatAgo(ms)).toBe(shown);
});
