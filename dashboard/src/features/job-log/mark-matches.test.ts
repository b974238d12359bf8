import { describe, expect, test } from '@jest/globals';
import { needlePattern } from '@dibs/shared';
import { spansOf } from './line-spans';
import { markMatches } from './mark-matches';
import { PLAIN } from './sgr';

const ESC = '\u001b';
const marked = (text: string, needle: string) => markMatches(spansOf(text, PLAIN), needlePattern(needle, false, 'g'));
const marksOf = (text: string, needle: string): string[] =>
  marked(text, needle)
    .filter((span) => span.isMatch)
    .map((span) => span.text);

describe('markMatches', () => {
  test('every match, in its own case, and the text between', () => {
    expect(marked('an Error, an ERROR', 'error').map(({ text, isMatch }) => [text, isMatch])).toEqual([
      ['an ', false],
      ['Error', true],
      [', an ', false],
      ['ERROR', true],
    ]);
  });

  test('a match over two colours is marked in both', () => {
    const text = `${ESC}[31mEr${ESC}[32mror${ESC}[0m: no`;
    expect(marksOf(text, 'error')).toEqual(['Er', 'ror']);
    expect(marked(text, 'error').map(({ sgr }) => sgr.colour)).toEqual(['var(--ansi-red)', 'var(--ansi-green)', null]);
  });

  test.each([
    ['aaa', 'a', ['a', 'a', 'a']],
    ['<b> & "x"', '<b> & "x"', ['<b> & "x"']],
    ['it’s 👩 done', '👩', ['👩']],
    ['plain', 'error', []],
    [`${ESC}[31m<&>`, '31m', []],
  ])('in %j: %j', (text, needle, marks) => {
    expect(marksOf(text, needle)).toEqual(marks);
    const whole = marked(text, needle).map((span) => span.text);
    expect(whole.join('')).toBe(
      spansOf(text, PLAIN)
        .map((span) => span.text)
        .join(''),
    );
  });
});
