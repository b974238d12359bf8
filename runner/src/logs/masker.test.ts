import { describe, expect, test } from '@jest/globals';
import { Masker } from './masker.js';
import { formsOf } from './secret-forms.js';
import type { StreamMasker } from './stream-masker.js';

function maskerOf(...values: string[]): Masker {
  const masker = new Masker();
  for (const value of values) masker.add(value);
  return masker;
}

/** What reaches a reader when the text comes in these pieces. */
function through(stream: StreamMasker, pieces: readonly Buffer[]): string {
  // copies: a piece may be reused by its owner once it was taken
  const out = pieces.map((piece) => {
    const copy = Buffer.from(piece);
    const shown = Buffer.from(stream.push(copy));
    copy.fill(0);
    return shown;
  });
  return Buffer.concat([...out, stream.flush()]).toString();
}

function inPiecesOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

const CORPUS = {
  ascii: 'hunter2!',
  utf8: 'pässwört-🦊€',
  lines: '-----BEGIN KEY-----\nabcdefgh12345678\n}\nXY+/zz==\n-----END KEY-----\n',
  shortLines: 'ab\ncd\nef',
  quotes: `say "x" and 'y' \\ \t<&>`,
  regex: 'a.*b(x|y)[0-9]+$^{2}?',
  prefix: 'pass',
  longerThanItsPrefix: 'password-long',
  overlapping: 'long-winded',
  repeating: 'abababab',
  long: Array.from({ length: 75 }, (_, i) => (i * 7919 + 12_345).toString(36)).join(''),
};
const VALUES = Object.values(CORPUS);

describe.each(Object.entries(CORPUS))('the secret %s', (_name, value) => {
  const masker = maskerOf(...VALUES);
  const forms = [...formsOf(value), value.trim()];

  test('never appears, wherever its forms are cut in two', () => {
    for (const form of forms) {
      const text = Buffer.from(`1: ${form} :2\n`);
      const whole = `1: ${form.replace(/[^\r\n]+/g, '***')} :2\n`;
      for (let cut = 0; cut <= text.length; cut++) {
        const shown = through(masker.stream(), [text.subarray(0, cut), text.subarray(cut)]);
        if (shown !== whole) expect([cut, shown]).toEqual([cut, whole]);
      }
      for (const size of [1, 2, 3, 7]) expect(through(masker.stream(), inPiecesOf(text, size))).toBe(whole);
    }
  });

  test('never appears in base64 of a text that contains it', () => {
    for (let before = 0; before < 3; before++) {
      for (const alphabet of ['base64', 'base64url'] as const) {
        const encoded = Buffer.from(`${'-'.repeat(before)}${value.trim()}--`).toString(alphabet);
        const shown = through(masker.stream(), inPiecesOf(Buffer.from(encoded), 5));
        // at most what the ends share with their neighbours is left
        expect(shown.length).toBeLessThanOrEqual(3 + 4 + 4);
        expect(shown).toContain('***');
      }
    }
  });
});

/** The rule without any streaming: a byte is covered when any form stands over it. */
function expected(text: string, values: readonly string[]): string {
  const bytes = Buffer.from(text).toString('latin1');
  const covered = new Array<boolean>(bytes.length).fill(false);
  for (const value of values) {
    for (const form of formsOf(value)) {
      const pattern = Buffer.from(form).toString('latin1');
      for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
        covered.fill(true, at, at + pattern.length);
      }
    }
  }
  const shown = [...bytes].map((byte, i) => (covered[i] && byte !== '\n' && byte !== '\r' ? '\0' : byte)).join('');
  return Buffer.from(shown.replace(/\0+/g, '***'), 'latin1').toString();
}

test('texts that are made of secrets, of parts of them and of others come out as the rule says', () => {
  let seed = 11;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const values = VALUES.filter((value) => value !== CORPUS.long);
  const masker = maskerOf(...values);
  for (let round = 0; round < 150; round++) {
    const text = Array.from({ length: 8 }, () => {
      const value = values[random(values.length)] as string;
      const part = [value, value.slice(0, random(value.length)), value.slice(random(value.length)), ' ', '\n', 'xyz'];
      return part[random(part.length)] as string;
    }).join('');
    const pieces: Buffer[] = [];
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + random(6);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    expect(through(masker.stream(), pieces)).toBe(expected(text, values));
  }
});

test.each([
  ['the longer of two that begin alike', ['pass', 'password-long'], 'password-long pass passwor', '*** *** ***wor'],
  ['all of two that overlap', ['abcdef', 'defghi'], '<abcdefghi>', '<***>'],
  ['one inside of the beginning of another', ['xxpassxx-long', 'pass'], 'xxpassxx-lon', 'xx***xx-lon'],
  ['one again and again', ['abcd'], 'abcdabcd abcd', '*** ***'],
  ['one that overlaps with itself', ['abab'], 'xababab', 'x***'],
])('covers %s', (_what, values, text, shown) => {
  for (const size of [1, 2, 5, 100]) {
    expect(through(maskerOf(...values).stream(), inPiecesOf(Buffer.from(text), size))).toBe(shown);
  }
  expect(maskerOf(...values).mask(text)).toBe(shown);
});

test('what only looks like the beginning of a secret comes out unchanged, and as soon as it is certain', () => {
  const stream = maskerOf('password-long', 'passport').stream();
  const push = (text: string) => stream.push(Buffer.from(text)).toString();
  expect(push('the pass')).toBe('the ');
  expect(push('wor')).toBe('');
  expect(push('d is\n')).toBe('password is\n');
  expect(push('passpor')).toBe('');
  expect(stream.flush().toString()).toBe('passpor');
});

test('a line leaves when it ends: with a secret of one line always, with a longer one masked', () => {
  const stream = maskerOf('hunter2!', '{\n"key": 1,\n"more": 2\n}').stream();
  const push = (text: string) => stream.push(Buffer.from(text)).toString();
  expect(push('{\n')).toBe('{\n');
  expect(push('hunter\n')).toBe('hunter\n');
  expect(push('"key": 1,\n')).toBe('***\n');
  expect(push('"more": 2\n}\n')).toBe('***\n***\n');
});

test('lines stay lines', () => {
  expect(maskerOf('first\nx\n\nthird').mask('<first\r\nx\r\n\r\nthird>')).toBe('<***\r\n***\r\n\r\n***>');
});

test('a value that is added later is masked in a stream that exists, from what it holds back on', () => {
  const masker = maskerOf('swordfish');
  const stream = masker.stream();
  expect(stream.push(Buffer.from('a swor')).toString()).toBe('a ');
  expect(masker.add('sworn in')).toBe(true);
  expect(stream.push(Buffer.from('n in, sword')).toString()).toBe('***, ');
  expect(masker.add('abc')).toBe(false);
  expect(stream.push(Buffer.from('fish abc\n')).toString()).toBe('*** abc\n');
});

test('nothing changes without secrets, and with values that are too short', () => {
  expect(maskerOf().mask('anything')).toBe('anything');
  expect(maskerOf('abc', '', '   \n ').mask('abc    x')).toBe('abc    x');
});

test('a secret of one repeated character does not make its text endless work', () => {
  const masker = maskerOf('a'.repeat(32_768));
  expect(masker.mask('a'.repeat(50_000))).toBe('***');
});
