import { describe, expect, test } from '@jest/globals';
import type { ViewRow } from './log-rows';
import { EMPTY_WINDOW, withFold, withRowsAbove, withRowsBelow, type LogWindow } from './log-window';

const RED = '\u001b[31m';
const RESET = '\u001b[0m';

function lines(first: number, texts: readonly string[], more: Partial<ViewRow> = {}): ViewRow[] {
  return texts.map((text, index) => ({ ...plainLine(first + index), text, ...more }));
}

function plainLine(seq: number): ViewRow {
  return { seq, at: '2026-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text: `line ${seq}` };
}

const range = (first: number, last: number): ViewRow[] =>
  Array.from({ length: last - first + 1 }, (_, index) => plainLine(first + index));
const below = (window: LogWindow, rows: ViewRow[]): LogWindow => withRowsBelow(window, rows, []);
const above = (window: LogWindow, rows: ViewRow[]): LogWindow => withRowsAbove(window, rows, [], false);
const redLines = ({ rows }: LogWindow): number[] => rows.filter((row) => row.pen?.colour).map((row) => row.seq);

describe('colours over lines', () => {
  test('go on until they are reset, also from one page to the next', () => {
    const first = below(EMPTY_WINDOW, lines(1, ['a', `${RED}b`, 'c']));
    expect(redLines(below(first, lines(4, ['d', `e${RESET}`, 'f'])))).toEqual([3, 4, 5]);
  });

  test('reach lines that were loaded before those above them', () => {
    const later = below(EMPTY_WINDOW, lines(4, ['d', `e${RESET}`, 'f', `${RED}g`, 'h']));
    expect(redLines(later)).toEqual([8]);
    expect(redLines(above(later, lines(1, ['a', `${RED}b`, 'c'])))).toEqual([3, 4, 5, 8]);
  });

  test('end with their step and their stream', () => {
    const rows = [
      ...lines(1, [`${RED}a`]),
      ...lines(2, ['e'], { stream: 'stderr' }),
      ...lines(3, ['said by the runner'], { stream: 'system' }),
      ...lines(4, ['b']),
      ...lines(5, ['c'], { step: 1 }),
    ];
    expect(redLines(below(EMPTY_WINDOW, rows))).toEqual([4]);
    // the same when the lines above come later
    expect(redLines(above(below(EMPTY_WINDOW, rows.slice(1)), rows.slice(0, 1)))).toEqual([4]);
  });

  test('are not guessed behind lines that are missing', () => {
    const gap: ViewRow = { ...plainLine(2), gap: { lines: 3, reason: 'limit', lastSeq: 4 } };
    expect(redLines(below(EMPTY_WINDOW, [...lines(1, [`${RED}a`]), gap, ...lines(5, ['b'])]))).toEqual([]);
  });

  test('are known again where the end was dropped and is read once more', () => {
    let window = below(EMPTY_WINDOW, [
      ...range(19_999, 21_999),
      ...lines(22_000, [`${RED}x`]),
      ...lines(22_001, ['y']),
    ]);
    window = above(window, range(1, 19_998));
    const last = window.rows.at(-1)!.seq;
    expect(last).toBeLessThan(22_000);
    const again = [...range(last + 1, 21_999), ...lines(22_000, [`${RED}x`]), ...lines(22_001, ['y'])];
    expect(redLines(below(window, again))).toEqual([22_001]);
  });
});

describe('the size', () => {
  test('stays bounded while lines come, and rows keep their numbers for the list', () => {
    let window = below(EMPTY_WINDOW, range(1, 1_000));
    const indexOf = (seq: number): number => window.firstIndex + window.rows.findIndex((row) => row.seq === seq);
    const before = indexOf(1_000);
    for (let first = 1_001; first < 60_000; first += 1_000) {
      window = below(window, range(first, first + 999));
      expect(window.rows.length).toBeLessThanOrEqual(22_000);
      expect(indexOf(first)).toBe(before + first - 1_000);
    }
  });

  test('the end goes when somebody scrolls up, and only then', () => {
    const full = below(EMPTY_WINDOW, range(2_001, 23_000));
    expect(above(full, range(1, 2_000)).rows.at(-1)?.seq).toBe(20_000);
    expect(withRowsAbove(full, range(1, 2_000), [], true).rows.at(-1)?.seq).toBe(23_000);
    expect(above(full, range(1, 2_000)).firstIndex).toBe(full.firstIndex - 2_000);
  });
});

test('a folded step has no colours to hand on', () => {
  const window = below(EMPTY_WINDOW, [...lines(1, ['a', `${RED}b`]), ...lines(3, ['c'], { step: 1 })]);
  const folded = withFold(window, { step: 0, firstSeq: 1, lastSeq: 2 });
  expect(folded.rows.map((row) => row.seq)).toEqual([1, 3]);
  expect(redLines(folded)).toEqual([]);
});

describe('lines that are drawn anew', () => {
  const redrawn = (seq: number, stream: ViewRow['stream'] = 'stdout'): ViewRow => ({
    ...{ ...plainLine(seq), stream },
    redrawn: true,
  });
  const seqsOf = (window: LogWindow): number[] => window.rows.map((row) => row.seq);

  test('show how they stand, then how they stayed, whatever comes on the other stream', () => {
    const bar = below(EMPTY_WINDOW, [plainLine(1), redrawn(2), redrawn(3)]);
    expect(seqsOf(bar)).toEqual([1, 3]);
    const warned = below(bar, [{ ...plainLine(4), stream: 'stderr' }]);
    expect(seqsOf(warned)).toEqual([1, 3, 4]);
    const over = below(warned, [redrawn(5), plainLine(6)]);
    expect(seqsOf(over)).toEqual([1, 4, 6]);
    expect(over).toMatchObject({ firstSeq: 1, lastSeq: 6 });
  });

  test('go the same way where they are read from below', () => {
    const window = above(below(EMPTY_WINDOW, [plainLine(5)]), [plainLine(1), redrawn(2), redrawn(3), redrawn(4)]);
    expect(seqsOf(window)).toEqual([1, 5]);
    const onlyStates = above(below(EMPTY_WINDOW, [plainLine(5)]), [redrawn(3), redrawn(4)]);
    expect(onlyStates).toMatchObject({ firstSeq: 3, lastSeq: 5, firstIndex: EMPTY_WINDOW.firstIndex });
    expect(seqsOf(onlyStates)).toEqual([5]);
  });
});
