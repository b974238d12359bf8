import { describe, expect, test } from '@jest/globals';
import { LineMatcher, type LikelyLines } from './line-matcher.js';

const ESC = '\u001b';

/** Looks for it beside other lines, plain and coloured ones: the look at a whole chunk may not pass over a line. */
function found(needle: string, text: string, isCaseSensitive = false): boolean {
  const matcher = new LineMatcher(needle, isCaseSensitive);
  const answers = ['above', `${ESC}[32mabove${ESC}[0m`, `${ESC}(Babove`, 'übrig'].map((above) => {
    const texts = [above, text, 'below', above, 'below'];
    const likely = matcher.in(chunkOf(...texts));
    if (likely === null) return false;
    if (likely === 'all') return matcher.matches(text);
    expect(likely.count).toBe(texts.length);
    for (const index of texts.keys()) expect(likely.line(index)[3]).toBe(texts[index]);
    return likely.indexes.includes(1) && matcher.matches(text);
  });
  expect(answers).toEqual(answers.map(() => answers[2]));
  return answers[2]!;
}

function chunkOf(...texts: string[]): Buffer {
  return Buffer.from(JSON.stringify(texts.map((text) => [1_763_600_000_000, 0, 'o', text])));
}

describe('what is found', () => {
  test.each([
    ['a word', 'error', 'an error here'],
    ['a word in another case', 'error', 'ERROR: it broke'],
    ['letters of other scripts in another case', 'ÄRGER', 'großer ärger'],
    ['a letter that only folds to an ASCII one', 'KELVIN', '273 \u212aelvin'],
    ['the same the other way round', '\u212aelvin', '273 kelvin'],
    ['characters that mean something to regular expressions', 'a.b*(c)[d]{2}|^$/\\', 'x a.b*(c)[d]{2}|^$/\\ y'],
    ['quotes, backslashes and tabs, which JSON writes differently', '"C:\\tmp"\t', 'at "C:\\tmp"\there'],
    ['a character outside of the basic plane', '👩 done', 'all 👩 done'],
    ['a coloured word', 'error', `${ESC}[1;31merror${ESC}[0m`],
    ['a word that is coloured in part', 'error', `${ESC}[31mer${ESC}[1;38;5;208m${ESC}[4mror${ESC}[0m`],
    ['a word parted by a cut sequence', 'éa', `é${ESC}[31éa é${ESC}[3a`],
    ['a word parted by a sequence with a quote', 'error', `er${ESC}["qror`],
    ['a word parted by a sequence with a backslash', 'error', `er${ESC}[1\\ror`],
    ['a word parted by many sequences', 'error', `er${`${ESC}[1m`.repeat(30)}ror`],
    ['a word parted by a long sequence', 'error', `er${ESC}[${'1;'.repeat(40)}mror`],
    ['a word parted by a sequence with much between', 'error', `er${ESC}[1${' '.repeat(9)}qror`],
    ['a word parted by a link', 'click me', `${ESC}]8;;https://x.example${ESC}\\click${ESC}]8;;${ESC}\\ me`],
    ['a character parted by a colour', '👩', `\ud83d${ESC}[0m\udc69`],
    ['a word parted by a charset selection', 'error', `er${ESC}(Bror`],
    ['a word parted by the one-character form', 'error', 'er\u009b31mror'],
  ])('%s', (_name, needle, text) => expect(found(needle, text)).toBe(true));

  test.each([
    ['another case, when case counts', 'error', 'ERROR', true],
    ['parameters of a colour', '31m', `${ESC}[31mred`, false],
    ['the address of a link', 'example', `${ESC}]8;;https://x.example${ESC}\\click${ESC}]8;;${ESC}\\`, false],
    ['an escape sequence that is spelled out', 'error', 'er\\u001b[31mror', false],
    ['a wildcard', 'a.c', 'abc', false],
  ])('not %s', (_name, needle, text, isCaseSensitive) => expect(found(needle, text, isCaseSensitive)).toBe(false));
});

test.each([
  ['coloured', (index: number) => `${ESC}[3${index % 8}m"${index}"${ESC}[0m ],["\\\\" ✓ [`],
  ['plain', (index: number) => `"${index}" ],["\\\\" "],[ \\"],[`],
])('only the lines with the text are unpacked, from among those of every kind: %s', (_kind, textOf) => {
  const texts = Array.from({ length: 40 }, (_, index) => textOf(index));
  for (const index of [0, 17, 39]) {
    const likely = new LineMatcher(`"${index}" ],["`, false).in(chunkOf(...texts));
    expect(likely).toMatchObject({ count: 40, indexes: [index] });
    expect((likely as LikelyLines).line(index)).toEqual([expect.any(Number), 0, 'o', texts[index]]);
  }
});

test('the frame of a chunk is not its text', () => {
  for (const needle of ['176360', '"o"', '],[', 'o']) expect(found(needle, 'x')).toBe(false);
});

test.each(['ok', `${ESC}[32mok${ESC}[0m`, `${ESC}[32m✓${ESC}[39m ok`])(
  'a chunk without the text is passed over: %j',
  (text) => {
    expect(new LineMatcher('error', false).in(chunkOf(text))).toBeNull();
  },
);

test('hostile lines are not looked at again and again', () => {
  const hostile = [`e${ESC}[`, `e${ESC}[1`, `${ESC}[1`, 'e', '1', `${ESC}[`, `${ESC}]`, `${ESC}["`, 'ex'];
  const startedAtMs = performance.now();
  for (const part of hostile) expect(found(`${'ex'.repeat(50)}!`, part.repeat(32_000))).toBe(false);
  // less than a second; a pattern that goes back and forth would take minutes
  expect(performance.now() - startedAtMs).toBeLessThan(30_000);
});
