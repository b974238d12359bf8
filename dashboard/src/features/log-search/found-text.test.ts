import { describe, expect, test } from '@jest/globals';
import { piecesOf } from './found-text';

const shown = (line: string, needle: string, isCaseSensitive = false): string =>
  piecesOf(line, needle, isCaseSensitive)
    .map(({ text, isMatch }) => (isMatch ? `[${text}]` : text))
    .join('');

describe('a found line', () => {
  test.each([
    ['an error, an Error', 'error', 'an [error], an [Error]'],
    ['\u001b[31mer\u001b[1mror\u001b[0m!', 'ERROR', '[error]!'],
    ['a\u202eb error', 'error', 'a⟨U+202E⟩b [error]'],
    ['nothing here', 'error', 'nothing here'],
  ])('%j', (line, needle, expected) => expect(shown(line, needle)).toBe(expected));

  test('of a long one the part around the first match', () => {
    const text = shown(`${'a'.repeat(5_000)}error${'b'.repeat(5_000)}`, 'error');
    expect(text).toBe(`… ${'a'.repeat(60)}[error]${'b'.repeat(335)} …`);
  });

  test('case counts where it is wanted', () => expect(shown('Error error', 'error', true)).toBe('Error [error]'));
});
