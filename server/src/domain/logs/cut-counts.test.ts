import { describe, expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
import { cutLine, cutLineOf, type GoneChunk } from './cut-counts.js';

const uniform = (firstSeq: number, lastSeq: number, step: number, bytes: number): GoneChunk => {
  return { firstSeq, lastSeq, minStep: step, bytes, lines: null };
};
const packed = (firstSeq: number, lines: WireLogLine[]): GoneChunk => {
  return { firstSeq, lastSeq: firstSeq + lines.length - 1, minStep: -1, bytes: null, lines };
};

describe('the line in place of what was left out', () => {
  const mixed = packed(30, [
    [1, 1, 'o', 'ä'],
    [1, 0, 'e', ''],
    [1, -1, 's', 'lost', { lines: 7, reason: 'spool_lost' }],
  ]);
  const first = cutLine([uniform(10, 29, 0, 2_000), mixed], 5);

  test('counts by step, and what had a record of its own', () => {
    const text = '29 lines (2,004 bytes) were left out here: the log is longer than it may be.';
    const steps = [
      { step: 0, lines: 21, bytes: 2_001 },
      { step: 1, lines: 1, bytes: 3 },
    ];
    expect(first).toEqual([5, 0, 's', text, { lines: 29, bytes: 2_004, reason: 'limit', lastSeq: 32, steps }]);
  });

  test('takes in the one before it', () => {
    const before: GoneChunk = { firstSeq: 10, lastSeq: 32, minStep: 0, bytes: null, lines: [first] };
    const [, , , , gap] = cutLine([before, uniform(33, 42, 1, 100)], 6);
    expect(gap).toMatchObject({ lines: 39, bytes: 2_104, lastSeq: 42 });
    expect(gap?.steps).toEqual([
      { step: 0, lines: 21, bytes: 2_001 },
      { step: 1, lines: 11, bytes: 103 },
    ]);
  });

  test('has for each step only what was of that step', () => {
    expect(cutLineOf(1, first)).toMatchObject(
      [5, 1, 's', /^1 lines \(3 bytes\)/, { lines: 1, bytes: 3, lastSeq: 32 }].map((part) =>
        part instanceof RegExp ? expect.stringMatching(part) : part,
      ),
    );
    expect(cutLineOf(2, first)).toBeNull();
  });
});
