import { expect, test } from '@jest/globals';
import type { LogRow } from '@dibs/shared';
import { firstItemIndexOf, placeOf } from './log-rows';

const row = (seq: number, lastSeq?: number): LogRow => {
  const line: LogRow = { seq, at: '2026-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text: '' };
  return lastSeq === undefined ? line : { ...line, gap: { lines: lastSeq - seq + 1, reason: 'limit', lastSeq } };
};
const tail = [row(900), row(901), row(902)];
const whole = [row(1), row(2), row(3, 899), ...tail];

test('rows that are put above others leave those at their numbers, also over what was left out', () => {
  expect(firstItemIndexOf([])).toBe(1);
  expect(firstItemIndexOf(tail)).toBe(900);
  expect(firstItemIndexOf([row(3, 899), ...tail])).toBe(899);
  expect(firstItemIndexOf(whole)).toBe(897);
});

test.each([
  [1, 0],
  [2, 1],
  [3, 2],
  [500, 2],
  [899, 2],
  [900, 3],
  [902, 5],
  [950, 6],
])('line %p is at place %p', (seq, place) => expect(placeOf(whole, seq)).toBe(place));
