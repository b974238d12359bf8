import { describe, expect, test } from '@jest/globals';
import { MAX_LINE_BYTES } from '@dibs/shared';
import { LineSplitter, charactersWithin } from './line-splitter.js';

/** The rule, written down a second time and without any streaming. */
function expected(bytes: Buffer, max: number): string[] {
  const ended = bytes.toString('latin1').split('\n');
  const last = ended.pop() ?? '';
  const lines = ended.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (last !== '') lines.push(last);
  return lines.flatMap((line) => {
    const pieces: string[] = [''];
    for (const character of Buffer.from(line, 'latin1').toString('utf8')) {
      const longer = (pieces.at(-1) ?? '') + character;
      if (Buffer.byteLength(longer) > max) pieces.push(character);
      else pieces[pieces.length - 1] = longer;
    }
    return pieces;
  });
}

function split(chunks: Buffer[], max: number): string[] {
  const splitter = new LineSplitter(max);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.flush()];
}

const samples: [string, Buffer][] = [
  ['plain lines', Buffer.from('one\ntwo\n\nfour')],
  ['windows lines', Buffer.from('one\r\ntwo\r\r\n\r\n')],
  ['progress', Buffer.from('10%\r20%\r100%\ndone\r')],
  ['characters of 2, 3 and 4 bytes', Buffer.from('ä€🦊\nx🦊\r\n€')],
  ['invalid UTF-8', Buffer.from([0x61, 0xff, 0x0a, 0xe2, 0x82, 0x0a, 0xf0, 0x9f, 0x41, 0xc3, 0x28, 0x0a, 0xe2])],
  ['overlong and surrogate forms', Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80, 0x0a, 0xf4, 0x90, 0x80, 0x80, 0xf5])],
  ['NUL and escapes', Buffer.from('a\0b\x1b[31mred\x1b[0m\n')],
  ['a byte order mark', Buffer.from('\ufeffbom\n\ufeff')],
  ['a long line', Buffer.from('0123456789abcdefghij\nxy')],
  ['a long line of long characters', Buffer.from('🦊€🦊ä🦊🦊€\r\n')],
  ['a line of exactly the limit with \\r\\n', Buffer.from('12345678\r\n12345678\r9\n12345678\r')],
  ['a long line of invalid bytes', Buffer.alloc(20, 0x80)],
];

describe.each(samples)('%s', (_name, bytes) => {
  test.each([8, 12, MAX_LINE_BYTES])('at every split position, with a limit of %i', (max) => {
    const whole = expected(bytes, max);
    expect(split([bytes], max)).toEqual(whole);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        const lines = split(chunks, max);
        // Thousands of positions: the matcher is slow, and only needed to show a difference.
        if (JSON.stringify(lines) !== JSON.stringify(whole))
          expect([first, second, lines]).toEqual([first, second, whole]);
      }
    }
    expect(
      split(
        [...bytes].map((byte) => Buffer.from([byte])),
        max,
      ),
    ).toEqual(whole);
  });
});

test('gigabytes without newline are cut into lines of the limit while they come', () => {
  const splitter = new LineSplitter();
  const chunk = Buffer.alloc(100_000, 'x');
  let bytes = 0;
  for (let i = 0; i < 100; i++) {
    for (const line of splitter.push(chunk)) {
      expect(line.length).toBe(MAX_LINE_BYTES);
      bytes += line.length;
    }
  }
  const rest = splitter.flush();
  expect(rest).toHaveLength(1);
  expect(bytes + (rest[0]?.length ?? 0)).toBe(10_000_000);
});

test('10,000 lines with random cuts', () => {
  const text = Array.from({ length: 10_000 }, (_, i) => `line ${i} ${'é'.repeat(i % 50)}`);
  const bytes = Buffer.from(text.join('\n') + '\n');
  let seed = 42;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  for (let round = 0; round < 20; round++) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + Math.floor(random() ** 4 * 70_000);
      chunks.push(bytes.subarray(at, end));
      at = end;
    }
    expect(split(chunks, MAX_LINE_BYTES)).toEqual(text);
  }
});

test('chunks may be reused by their owner', () => {
  const splitter = new LineSplitter();
  const chunk = Buffer.from('abc');
  splitter.push(chunk);
  chunk.fill('x');
  expect(splitter.push(Buffer.from('\n'))).toEqual(['abc']);
});

test('charactersWithin never cuts a character', () => {
  expect(charactersWithin('a🦊b', 4)).toBe(1);
  expect(charactersWithin('a🦊b', 5)).toBe(3);
  expect(charactersWithin('', 5)).toBe(0);
});
