import { describe, expect, test } from '@jest/globals';
import type { WireLogLine } from '@dibs/shared';
import { FirstErrorFinder } from './first-error.js';

/** `e text`: on the error stream; `1o text`: of step 1. */
function found(lines: readonly string[], step: number | null = 0): string | null {
  const finder = new FirstErrorFinder(step);
  lines.forEach((line, index) => {
    const [, of = '', stream, text = ''] = /^(\d?)([oes]) (.*)$/.exec(line)!;
    finder.add(index + 1, [1, Number(of), stream as WireLogLine[2], text], text);
  });
  return finder.found?.text ?? null;
}

describe('the line that tells why a job failed', () => {
  test.each([
    [
      'the compiler before make',
      ['o cc main.c', "e main.c:3: error: 'x' undeclared", 'e make: *** [main.o] Error 1'],
      "main.c:3: error: 'x' undeclared",
    ],
    [
      'an exception, not its trace',
      ['e Traceback (most recent call last):', 'e   File "a.py", line 1', 'e ValueError: bad'],
      'ValueError: bad',
    ],
    ['a test on stdout', ['o PASS a', 'o FAIL b', 'e npm notice'], 'FAIL b'],
    [
      'a shell',
      ['o hello', 'e bash: line 1: frobnicate: command not found'],
      'bash: line 1: frobnicate: command not found',
    ],
    ['a box', ['o Planning', 'e │ Error: Invalid reference'], '│ Error: Invalid reference'],
    ['nobody complains: the error stream', ['e usage: tar [-x]', 'e try tar --help', 'o done'], 'try tar --help'],
    ['only stdout', ['o one', 'o two', 'o  '], 'two'],
    ['only Dibs', ['s The step ran for 60 s, longer than it may.'], 'The step ran for 60 s, longer than it may.'],
    ['nothing', [], null],
  ])('%s', (_, lines, expected) => expect(found(lines)).toBe(expected));

  test.each([
    'o 0 errors, 3 warnings',
    'o Tests: failed: 0',
    'o finished without errors',
    'o --fail-fast error_count=3 errors.log',
    'o will retry on failure',
  ])('%s is no complaint', (line) => expect(found([line, 'e boom'])).toBe('boom'));

  test('other steps do not count', () => {
    expect(found(['o error: ignored by || true', '1e error: the real one'], 1)).toBe('error: the real one');
    expect(found(['o error: first', '1e error: second'], null)).toBe('error: first');
  });
});
