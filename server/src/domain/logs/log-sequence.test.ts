import { describe, expect, test } from '@jest/globals';
import { decideLogAppend } from './log-sequence.js';

describe('decideLogAppend', () => {
  test.each([
    ['the first batch', 0, 1, 3, { kind: 'append', skip: 0 }],
    ['the next batch', 3, 4, 2, { kind: 'append', skip: 0 }],
    ['a batch that overlaps by one line', 3, 3, 2, { kind: 'append', skip: 1 }],
    ['a batch that starts at line 1 again and reaches further', 3, 1, 10, { kind: 'append', skip: 3 }],
    ['the same batch again', 3, 1, 3, { kind: 'duplicate' }],
    ['a batch in the middle of what is stored', 10, 4, 2, { kind: 'duplicate' }],
    ['a batch that ends with the last stored line', 10, 10, 1, { kind: 'duplicate' }],
    ['a batch that leaves out one line', 3, 5, 1, { kind: 'gap' }],
    ['a first batch that does not start at line 1', 0, 2, 1, { kind: 'gap' }],
  ] as const)('%s', (_what, lastSeq, firstSeq, count, decision) => {
    expect(decideLogAppend(lastSeq, firstSeq, count)).toEqual(decision);
  });

  test('stores every line exactly once, whatever is repeated', () => {
    const stored: number[] = [];
    for (const [firstSeq, count] of [
      [1, 4],
      [1, 4],
      [3, 5],
      [9, 2],
      [8, 3],
      [2, 2],
      [11, 1],
    ] as const) {
      const decision = decideLogAppend(stored.length, firstSeq, count);
      if (decision.kind !== 'append') continue;
      for (let seq = firstSeq + decision.skip; seq < firstSeq + count; seq += 1) stored.push(seq);
    }
    expect(stored).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
  });
});
