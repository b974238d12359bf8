import { describe, expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
import { collectRows } from './log-page.js';
import type { LogLines } from './log-reader.js';

const MEBI = 1024 * 1024;

async function* parts(...lengths: number[][]): AsyncGenerator<LogLines> {
  let firstSeq = 1;
  for (const part of lengths) {
    const lines = part.map((length): WireLogLine => [1, 0, 'o', 'x'.repeat(length)]);
    yield await Promise.resolve({ firstSeq, lines });
    firstSeq += lines.length;
  }
}

async function seqs(source: AsyncGenerator<LogLines>, isFromTheEnd: boolean): Promise<number[]> {
  return (await collectRows(source, isFromTheEnd)).map((row) => row.seq);
}

describe('a page that would be too large', () => {
  test('keeps its first lines', async () => {
    expect(await seqs(parts([MEBI, MEBI], [MEBI, MEBI, MEBI]), false)).toEqual([1, 2, 3, 4]);
  });

  test('keeps its last lines when it is read upwards', async () => {
    expect(await seqs(parts([MEBI, MEBI], [MEBI, MEBI, MEBI]), true)).toEqual([2, 3, 4, 5]);
  });

  test.each([false, true])('has one line at least', async (isFromTheEnd) => {
    expect(await seqs(parts([9 * MEBI], [9 * MEBI]), isFromTheEnd)).toHaveLength(1);
  });
});

test('a page that fits is whole', async () => {
  for (const isFromTheEnd of [false, true]) expect(await seqs(parts([1, 2], [], [3]), isFromTheEnd)).toEqual([1, 2, 3]);
});
