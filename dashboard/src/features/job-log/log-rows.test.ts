import { expect, test } from '@jest/globals';
import { placeOf, withFolds, type ViewRow } from './log-rows';

const row = (seq: number, lastSeq?: number): ViewRow => {
  const line: ViewRow = { seq, at: '2026-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text: '' };
  return lastSeq === undefined ? line : { ...line, gap: { lines: lastSeq - seq + 1, reason: 'limit', lastSeq } };
};
const whole = [row(1), row(2), row(3, 899), row(900), row(901), row(902)];

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

test('a folded step is one row, also where only a part of it was loaded', () => {
  const fold = { step: 0, firstSeq: 2, lastSeq: 900 };
  const folded = withFolds(whole, [fold]);
  expect(folded.map(({ seq, foldedTo }) => [seq, foldedTo])).toEqual([
    [1, undefined],
    [2, 900],
    [901, undefined],
    [902, undefined],
  ]);
  expect(placeOf(folded, 500)).toBe(1);
  expect(withFolds(folded, [fold])).toBe(folded);
  expect(withFolds(whole.slice(3), [fold])[0]).toMatchObject({ seq: 2, foldedTo: 900 });
});
