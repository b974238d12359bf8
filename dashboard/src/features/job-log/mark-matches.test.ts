import { describe, expect, test } from '@jest/globals';
import { needlePattern } from '@dibs/shared';
import { FancyAnsi } from 'fancy-ansi';
import { markMatches } from './mark-matches';
import { visibleText } from './visible-text';

const ESC = '\u001b';
const marked = (text: string, needle: string): string =>
  markMatches(new FancyAnsi().toHtml(visibleText(text)), needlePattern(needle, false, 'g'));
/** The words in marks, and what is left when marks are taken away. */
const marksOf = (html: string): string[] => [...html.matchAll(/<mark>(.*?)<\/mark>/g)].map((match) => match[1]!);
const withoutMarks = (html: string): string => html.replace(/<\/?mark>/g, '');

describe('markMatches', () => {
  test('every match, in its own case', () => {
    expect(marked('an Error, an ERROR', 'error')).toBe('an <mark>Error</mark>, an <mark>ERROR</mark>');
  });

  test('a match over two colours is marked in both', () => {
    const html = marked(`${ESC}[31mEr${ESC}[32mror${ESC}[0m: no`, 'error');
    expect(marksOf(html)).toEqual(['Er', 'ror']);
    expect(withoutMarks(html)).toBe(new FancyAnsi().toHtml(`${ESC}[31mEr${ESC}[32mror${ESC}[0m: no`));
  });

  test.each([
    ['<b> & "x"', '<b> & "x"'],
    ['it’s 👩 done', '👩'],
    ["a'b", "a'b"],
  ])('characters that HTML escapes: %s', (text, needle) => {
    const html = marked(text, needle);
    expect(marksOf(html)).toHaveLength(1);
    expect(withoutMarks(html)).toBe(new FancyAnsi().toHtml(text));
  });

  test('tags and names of characters are not text', () => {
    for (const needle of ['span', 'style', 'amp', 'lt;']) expect(marksOf(marked(`${ESC}[31m<&>`, needle))).toEqual([]);
  });

  test('nothing to mark leaves the line as it is', () => {
    expect(marked('plain', 'error')).toBe('plain');
  });
});
