import { describe, expect, test } from '@jest/globals';
import { FancyAnsi } from 'fancy-ansi';
import { visibleText } from './visible-text';

const ESC = '\u001b';
const toHtml = (text: string): string => new FancyAnsi().toHtml(visibleText(text));

describe('colours', () => {
  test.each([
    ['a basic colour', `${ESC}[31mred${ESC}[0m`],
    ['256 colours', `${ESC}[38;5;208morange${ESC}[39m`],
    ['true colour whose parts look like refused attributes', `${ESC}[38;2;8;10;20mdark${ESC}[0m`],
    ['several attributes at once', `${ESC}[1;4;33mwarning${ESC}[0m`],
  ])('%s is kept as it is', (_name, text) => {
    expect(visibleText(text)).toBe(text);
  });

  test('concealed text is shown', () => {
    expect(visibleText(`${ESC}[8msecret${ESC}[0m`)).toBe(`secret${ESC}[0m`);
    expect(visibleText(`${ESC}[1;8;31msecret`)).toBe(`${ESC}[1;31msecret`);
  });

  test('the one-character form of CSI counts too', () => {
    expect(visibleText('\u009b32mgreen')).toBe(`${ESC}[32mgreen`);
  });
});

describe('every other escape sequence disappears', () => {
  test.each([
    ['a link (OSC 8) leaves its words', `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
    ['clipboard (OSC 52)', `a${ESC}]52;c;aGk=\u0007b`, 'ab'],
    ['window title, one-character form', 'a\u009d0;title\u009cb', 'ab'],
    ['device control string', `a${ESC}Pq#0;2;0;0;0${ESC}\\b`, 'ab'],
    ['cursor movement and erasing', `a${ESC}[2K${ESC}[1A${ESC}[10;20Hb`, 'ab'],
    ['private modes', `a${ESC}[?1049h${ESC}[?25lb`, 'ab'],
    ['charset selection', `a${ESC}(0b`, 'ab'],
    ['a sequence cut off at the end of the line', `a${ESC}[38;5`, 'a'],
    ['a lone escape', `a${ESC}`, 'a'],
  ])('%s', (_name, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test('a string without an end does not swallow the rest of the line', () => {
    expect(visibleText(`${ESC}]0;rm -rf / is what follows`)).toContain('rm -rf / is what follows');
  });

  test('a line full of unfinished strings takes no time', () => {
    const hostile = [`${ESC}]`, '\u009d', `${ESC}[`, `${ESC} `, `${ESC}P`].map((start) => start.repeat(32_000));
    const startedAt = performance.now();
    for (const line of hostile) visibleText(line);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('what cannot be seen is named', () => {
  test.each([
    ['right-to-left override', 'a\u202eb', 'a⟨U+202E⟩b'],
    ['isolates', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
    ['zero width', 'pass\u200bword', 'pass⟨U+200B⟩word'],
    ['NUL and bell', 'a\u0000b\u0007', 'a^@b^G'],
    ['a carriage return that would overwrite', 'bad\rgood', 'bad^Mgood'],
    ['tag characters', 'a\u{e0041}b', 'a⟨U+E0041⟩b'],
  ])('%s', (_name, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test('tabs, letters of all scripts and the end of a Windows line are left alone', () => {
    expect(visibleText('a\tб 漢字 עברית 👩‍🚀'.replace('\u200d', '') + '\r')).toBe('a\tб 漢字 עברית 👩🚀');
  });
});

test('markup stays text', () => {
  const html = toHtml(`${ESC}[31m<img src=x onerror=alert(1)>${ESC}[0m <script>alert(2)</script> "&'`);
  expect(html).not.toMatch(/<(?!\/?span[ >])/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
});

test('a link sequence makes no link', () => {
  expect(toHtml(`${ESC}]8;;javascript:alert(1)${ESC}\\x${ESC}]8;;${ESC}\\`)).toBe('x');
});

test('parameters cannot leave the style attribute', () => {
  expect(toHtml(`${ESC}[38;2;1;2;3"onmouseover=alert(1)mtext`)).not.toContain('<');
});
