import { describe, expect, test } from '@jest/globals';
import { penAfterLine, spansOf } from './line-spans';
import { PLAIN, type Sgr } from './sgr';

const ESC = '\u001b';
const shownOf = (text: string): string =>
  spansOf(text, PLAIN)
    .map((span) => span.text)
    .join('');
/** Only what differs from plain text. */
const styles = (text: string, pen = PLAIN): [string, Partial<Sgr>][] =>
  spansOf(text, pen).map((span) => [
    span.text,
    Object.fromEntries(Object.entries(span.sgr).filter(([key, value]) => value !== PLAIN[key as keyof Sgr])),
  ]);

describe('colours and weights', () => {
  test.each<[string, string, Partial<Sgr>]>([
    ['a basic colour', '31', { colour: 'var(--ansi-red)' }],
    ['a bright ground', '104', { ground: 'var(--ansi-ground-bright-blue)' }],
    ['256 colours: the cube', '38;5;208', { colour: 'rgb(255 135 0)' }],
    ['256 colours: greys', '48;5;232', { ground: 'rgb(8 8 8)' }],
    ['256 colours: the named ones', '38;5;9', { colour: 'var(--ansi-bright-red)' }],
    ['true colour whose parts look like other attributes', '38;2;8;10;20', { colour: 'rgb(8 10 20)' }],
    ['true colour with colons and a colour space', '38:2::1:2:3', { colour: 'rgb(1 2 3)' }],
    ['what follows a colour counts', '38;5;9;1', { colour: 'var(--ansi-bright-red)', isBold: true }],
    ['several at once', '1;4;33', { isBold: true, isUnderlined: true, colour: 'var(--ansi-yellow)' }],
    ['colours of the underline are passed over', '58;2;1;1;1;3', { isItalic: true }],
    ['inverse, struck, dim', '7;9;2', { isInverse: true, isStruck: true, isDim: true }],
    ['22 ends bold and dim', '1;2;22', {}],
    ['a reset in the middle', '31;0;4', { isUnderlined: true }],
    ['an empty parameter is a reset', '1;', {}],
    ['concealed text and fonts change nothing', '8;11', {}],
    ['no colour of this world', '38;2;999;0;0', {}],
  ])('%s', (_name, parameters, style) => {
    expect(styles(`${ESC}[${parameters}mx`)).toEqual([['x', style]]);
  });

  test('the one-character form of CSI counts too', () => {
    expect(styles('\u009b32mgreen')).toEqual([['green', { colour: 'var(--ansi-green)' }]]);
  });

  test('a line begins with the pen of the line before, and hands its own on', () => {
    const red = penAfterLine(`${ESC}[31m`, PLAIN);
    expect(styles(`red${ESC}[1m both${ESC}[39m bold`, red)).toEqual([
      ['red', { colour: 'var(--ansi-red)' }],
      [' both', { colour: 'var(--ansi-red)', isBold: true }],
      [' bold', { isBold: true }],
    ]);
    expect(penAfterLine('nothing changes', red)).toBe(red);
    expect(penAfterLine(`x${ESC}[m`, red)).toBe(PLAIN);
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
    // one piece: a search finds the word
    expect(spansOf(text, PLAIN)).toEqual([{ text: shown, sgr: PLAIN }]);
  });

  test('a string without an end does not swallow the rest of the line', () => {
    expect(shownOf(`${ESC}]0;rm -rf / is what follows`)).toContain('rm -rf / is what follows');
  });

  test('a line full of unfinished strings takes no time', () => {
    const hostile = [`${ESC}]`, '\u009d', `${ESC}[`, `${ESC} `, `${ESC}P`].map((start) => start.repeat(32_000));
    const startedAt = performance.now();
    for (const line of hostile) shownOf(line);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('what cannot be seen is named', () => {
  test.each([
    ['right-to-left override', 'a\u202eb', 'a⟨U+202E⟩b'],
    ['isolates', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
    ['zero width', 'pass\u200bword', 'pass⟨U+200B⟩word'],
    ['NUL and bell', 'a\u0000b\u0007', 'a^@b^G'],
    ['tag characters', 'a\u{e0041}b', 'a⟨U+E0041⟩b'],
  ])('%s', (_name, text, shown) => {
    expect(shownOf(text)).toBe(shown);
  });

  test('tabs, letters of all scripts and the end of a Windows line are left alone', () => {
    expect(shownOf('a\tб 漢字 עברית 👩‍🚀'.replace('\u200d', '') + '\r')).toBe('a\tб 漢字 עברית 👩🚀');
  });
});

describe('a line that was redrawn', () => {
  test('shows its last picture, in its own colours', () => {
    expect(styles(`10 %\r${ESC}[32m50 %\r100 %\r`)).toEqual([['100 %', { colour: 'var(--ansi-green)' }]]);
  });

  test('that was never finished shows what is there', () => {
    expect(shownOf('\r\r')).toBe('');
    expect(shownOf('working\r')).toBe('working');
  });
});
