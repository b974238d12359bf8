import { describe, expect, test } from '@jest/globals';
import { AppError } from '../platform/errors.js';
import { readYaml } from './read-yaml.js';

const read = (text: string) => readYaml(Buffer.from(text));

function refusalOf(text: string | Buffer): AppError {
  try {
    readYaml(Buffer.from(text));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

test('values are those of the core schema, and of JSON', () => {
  const text = 'a: 1\nb: [true, ~, "2", 0x10, 1e3]\n"c d":\n  - {e: }\n  - |\n    f\n    g\nh: 2026-11-21\n';
  const value = { a: 1, b: [true, null, '2', 16, 1000], 'c d': [{ e: null }, 'f\ng\n'], h: '2026-11-21' };
  expect(read(text).value).toEqual(value);
  expect(read(JSON.stringify(value)).value).toEqual(value);
  expect([read('').value, read('# nothing\n').value, read('x').value]).toEqual([null, null, 'x']);
});

test('every part has its line and column; of what was not written, that of what is around it', () => {
  const text = read('a:\n  b: [x, {c: 1}]\r\nd: ä\n');
  const at = (...path: string[]): unknown => Object.values(text.positionOf(path)!);
  expect(at('a')).toEqual([1, 1]);
  expect(at('a', 'b', '1', 'c')).toEqual([2, 11]);
  expect(at('d')).toEqual([3, 1]);
  expect(at('a', 'z', 'b')).toEqual([1, 1]);
  expect(at()).toEqual([1, 1]);
});

describe('refused, with where it is', () => {
  test.each<[string, string, number]>([
    ['an alias', 'a: 1\nb: *a\n', 2],
    ['an anchor', 'a: &a 1\n', 1],
    ['aliases of aliases', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n', 1],
    ['a tag', 'a: !!js/function "x"\n', 1],
    ['a plain tag', 'a: !!str x\n', 1],
    ['a key twice', 'a: 1\nb: 2\n"a": 3\n', 3],
    ['a key that is a list', '? [a]\n: 1\n', 1],
    ['the prototype', 'a: 1\n__proto__: {b: 1}\n', 2],
    ['a constructor', 'constructor: 1\n', 1],
    ['NUL', 'a: 1\nb: "x\\0"\n', 2],
    ['half a character', 'a: "\\ud800"\n', 1],
    ['two documents', 'a: 1\n---\n\nb: 1\n', 4],
    ['brackets inside brackets', 'a:\n  ' + '['.repeat(40), 2],
    ['lists inside lists', '- '.repeat(40), 1],
    ['no end', 'a: [1,\n', 2],
  ])('%s', (_what, text, line) => {
    const { status, code, detail, errors } = refusalOf(text);
    expect([status, code, errors?.[0]?.line]).toEqual([400, 'malformed_yaml', line]);
    expect(detail).toMatch(new RegExp(`^line ${line}, column \\d+: [^\\n]+\\.$`));
  });

  test('what is no UTF-8', () => expect(refusalOf(Buffer.of(0x61, 0xff)).code).toBe('malformed_yaml'));

  test.each(['[', 'a,', '\n', '{', '- ', '? '])('half a million of %j before anything is made of them', (mark) => {
    expect(refusalOf(mark.repeat(500_001)).code).toBe('definition_too_large');
  });
});
