import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
import { LogCounts } from './log-counts.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('counts what the log reads as text, step by step, whatever the order and size of the lines', () => {
  const counts = new LogCounts();
  const texts = new Map<number, string>();
  for (let index = 0; index < 3_000; index += 1) {
    const step = (index % 3) - 1;
    const text = `${'ä€🦊\0'.repeat(index % 40)}${index}`;
    counts.add([1, step, index % 2 === 0 ? 'o' : 'e', text]);
    texts.set(step, `${texts.get(step) ?? ''}${text}\n`);
    if (index === 1_500) counts.result();
  }
  const expected = [...texts].map(([step, text]) => {
    return { step, lines: 1_000, bytes: Buffer.byteLength(text), sha256: sha256(text) };
  });
  expect(counts.result()).toEqual(expected);
});

test('leaves out gap records, and knows nothing of steps that printed nothing', () => {
  const counts = new LogCounts();
  const gap: WireLogLine = [1, 0, 's', 'lost', { lines: 4, reason: 'spool_lost' }];
  counts.add(gap);
  expect(counts.result()).toEqual([]);
  counts.add([1, 0, 'o', '']);
  counts.add(gap);
  expect(counts.result()).toEqual([{ step: 0, lines: 1, bytes: 1, sha256: sha256('\n') }]);
});
