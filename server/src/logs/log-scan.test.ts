import { expect, test } from '@jest/globals';
import { needlePattern, type WireLogLine, withoutEscapes } from '@dibs/shared';
import { seeded } from '../../test/support/seeded.js';
import { LineMatcher } from './line-matcher.js';
import { LogScan } from './log-scan.js';

const ESC = '\u001b';
/** Of what lines are made that want to be passed over: half characters, quotes and frames, sequences whole, cut and spelled out. */
const PARTS = [
  ...['a', 'A', 'k', 'K', 's', 'S', '0', ' ', 'é', 'É', '✓', '👩', '\ud83d', '\udc69', 'ß', 'ı', 'İ', 'Δ', 'δ', 'ς'],
  ...['\u212a', '\u017f', '\u0142', '\u2713', '\u20ac', '\u00a0', '\u2028', '\u0000', '\u007f', '\ufffd'],
  ...['"', '\\', '[', ']', ',', '"],[', '\\"],[', '\t', '\n', 'u001b[31m', '\\u001b[1m', '"o"', '[1,0,"o","'],
  ...[`${ESC}[31m`, `${ESC}[0m`, `${ESC}[38;5;208m`, `${ESC}[K`, `${ESC}[`, `${ESC}[3`, `${ESC}[1 q`, `${ESC}["q`],
  ...[ESC, `${ESC}(B`, `${ESC}]8;;k${ESC}\\`, `${ESC}]0;s\u0007`, '\u009b31m', '\u009d', '\u0085', '\u009c'],
];

test.each([1, 2, 3, 4])('what is found is what the definition says, in lines made to mislead (seed %d)', (seed) => {
  const next = seeded(seed);
  const random = (below: number): number => next() * below;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random(from.length))]!;
  const textOf = (most: number, parts = PARTS): string =>
    Array.from({ length: random(most) }, () => pick(parts)).join('');
  let [hits, misses] = [0, 0];
  for (let round = 0; round < 1_000; round += 1) {
    // most chunks have few kinds of parts, or nearly every one would have a sequence that ends the quick look
    const parts = Array.from({ length: 3 + random(8) }, () => pick(PARTS));
    const texts = Array.from({ length: 1 + random(12) }, () => textOf(12, parts));
    const words = withoutEscapes(pick(texts));
    const from = Math.floor(random(words.length));
    const needle = pick([textOf(4, parts), words.slice(from, from + 1 + random(6)), words.toUpperCase().slice(from)]);
    if (needle === '') continue;
    const isCaseSensitive = random(2) < 1;
    const pattern = needlePattern(needle, isCaseSensitive);
    const expected = texts.flatMap((text, index) => (pattern.test(withoutEscapes(text)) ? [1 + index] : []));

    const range = { after: 0, before: Infinity, step: null };
    const scan = new LogScan(new LineMatcher(needle, isCaseSensitive), range, { offset: 0, limit: 100, context: 1 });
    const lines = texts.map((text): WireLogLine => [1_763_600_000_000, 0, 'o', text]);
    scan.add({ first_seq: 1, last_seq: texts.length, lines: Buffer.from(JSON.stringify(lines)) });

    const found = scan.rows.map(({ seq }) => seq);
    expect({ texts, needle, isCaseSensitive, found }).toEqual({ texts, needle, isCaseSensitive, found: expected });
    expect(scan.rows.map(({ text }) => text)).toEqual(expected.map((seq) => texts[seq - 1]));
    for (const [seq, row] of scan.around) expect(row.text).toBe(texts[seq - 1]);
    hits += expected.length;
    misses += texts.length - expected.length;
  }
  expect(Math.min(hits, misses)).toBeGreaterThan(300);
});

test('a record that stands for many lines is found by its own number, also with lines around it', () => {
  const gap = { lines: 900, reason: 'limit' as const, lastSeq: 902 };
  const cut: WireLogLine = [1, 0, 's', '900 lines were left out', gap];
  const scan = new LogScan(
    new LineMatcher('left out', false),
    { after: 0, before: Infinity, step: null },
    { offset: 0, limit: 9, context: 2 },
  );
  scan.add({ first_seq: 3, last_seq: 902, lines: Buffer.from(JSON.stringify([cut])) });
  expect(scan.rows.map(({ seq }) => seq)).toEqual([3]);
});
