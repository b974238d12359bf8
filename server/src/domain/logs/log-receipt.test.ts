import { describe, expect, test } from '@jest/globals';
import type { LogMissing, StepLogCount } from '@dibs/shared';
import { judgeLog, type StoredLogCount } from './log-receipt.js';

const count = (step: number, lines: number, digit = 'a'): StepLogCount => {
  return { step, lines, bytes: lines * 10, sha256: digit.repeat(64) };
};
const stored = (steps: StepLogCount[], missing: LogMissing[] = []): StoredLogCount => {
  return { steps, missing, missingParts: missing.length };
};
const gone = (firstSeq: number, lastSeq = firstSeq): LogMissing => {
  return { firstSeq, lastSeq, lines: lastSeq - firstSeq + 1, reason: 'not_stored' };
};
const TOLD = { lastSeq: 9, isTold: true };

describe('a log is', () => {
  test('complete when each step is as it was counted, whatever the order', () => {
    const judged = judgeLog([count(1, 2), count(-1, 1_204)], stored([count(-1, 1_204), count(1, 2)]), TOLD);
    expect(judged).toMatchObject({ status: 'complete', lines: 1_206, bytes: 12_060 });
    expect(judged.text).toBe('Complete: 1,206 lines (12,060 bytes), as the runner counted them.');
    expect(judged.steps.map(({ step, isSame }) => [step, isSame])).toEqual([
      [-1, true],
      [1, true],
    ]);
  });

  test.each([
    ['a step has fewer lines', [count(0, 3)], [count(0, 1, 'b')], 'Step 0 (counted from 0) has 1 of 3 lines.'],
    ['a step is not there', [count(-1, 3)], [], 'The preparation has 0 of 3 lines.'],
    ['a step came from nowhere', [], [count(2, 1)], 'Step 2 (counted from 0) has 1 of 0 lines.'],
    [
      'only its text differs',
      [count(0, 3)],
      [count(0, 3, 'b')],
      'Step 0 (counted from 0) is not stored as the runner wrote it.',
    ],
  ])('incomplete when %s', (_what, counted, found, text) => {
    expect(judgeLog(counted, stored(found), TOLD)).toMatchObject({ status: 'incomplete', text });
  });

  test('incomplete when numbers are missing, also without a count', () => {
    const judged = judgeLog(null, stored([count(0, 3)], [gone(4), gone(6, 9)]), TOLD);
    expect(judged).toMatchObject({ status: 'incomplete', steps: [{ counted: null, isSame: null }] });
    expect(judged.text).toBe('Line 4 is missing. Lines 6 to 9 are missing.');
  });

  test('incomplete when the runner says that lines were lost; not all parts are put into words', () => {
    const lost: LogMissing = { firstSeq: 5, lastSeq: 5, lines: 1, reason: 'spool_lost' };
    const unknown: LogMissing = { ...lost, firstSeq: 7, lastSeq: 7, lines: null };
    const judged = judgeLog([], stored([], [lost, unknown, gone(8), gone(10), gone(12)]), TOLD);
    expect(judged.text).toBe(
      '1 line was lost before line 5, which says so. ' +
        'An unknown number of lines were lost before line 7, which says so. Line 8 is missing. 2 more parts are missing.',
    );
  });

  test('unknown when nobody counted it, unless the runner said that there is nothing', () => {
    expect(judgeLog(null, stored([count(0, 1)]), TOLD)).toMatchObject({ status: 'unknown' });
    expect(judgeLog(null, stored([]), { lastSeq: 0, isTold: false })).toMatchObject({ status: 'unknown' });
    const nothing = judgeLog(null, stored([]), { lastSeq: 0, isTold: true });
    expect(nothing).toMatchObject({ status: 'complete', text: 'Complete: nothing was printed.' });
  });
});
