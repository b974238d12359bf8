import { describe, expect, test } from '@jest/globals';
import { RedrawnLines } from './redrawn-lines.js';

/** What a terminal is left with, written down a second time. */
function expected(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.map((line) => line.split('\r').reduce((shown, drawn) => drawn || shown, ''));
}

function split(chunks: readonly Buffer[]): string[] {
  const lines = new RedrawnLines();
  return [...chunks.flatMap((chunk) => lines.push(chunk)), ...lines.flush()];
}

describe('a line that is drawn anew is one line, the way it stood last', () => {
  test.each([
    ['going back after each state', '10%\r20%\r100%\ndone\n'],
    ['going back before each state', 'a\n\r10%\r20%\r100%\ndone\n'],
    ['ended by \\r\\n, which is no way back', '10%\r100%\r\none\r\n\r\ntwo'],
    ['ended twice', '10%\r\r\n20%\r\r\r\n\r\n'],
    ['cleared with an escape sequence', '10%\r\u001b[K20%\r\u001b[Kdone\n'],
    ['the stream ends in the middle', 'x\n10%\r20%\r'],
    ['characters of several bytes', 'ä€🦊\r🦊ä\r€\n🦊'],
    ['nothing but ways back', '\r\r\r\n\r\r'],
  ])('%s, at every split position', (_what, text) => {
    const bytes = Buffer.from(text);
    // a stream that shows nothing at its end has no unfinished line
    const whole = expected(text).filter(
      (line, index, all) => line !== '' || index < all.length - 1 || text.endsWith('\n'),
    );
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect({ first, second, lines: split(parts) }).toEqual({ first, second, lines: whole });
      }
    }
  });

  test('thousands of states take no memory and make no lines', () => {
    const lines = new RedrawnLines();
    for (let i = 0; i < 20_000; i++) expect(lines.push(Buffer.from(`${i} of 20000\r`))).toEqual([]);
    expect(lines.look()).toBe('19999 of 20000');
    expect(lines.push(Buffer.from('\n'))).toEqual(['19999 of 20000']);
  });
});

describe('how it stands in between', () => {
  test('the last state, once', () => {
    const lines = new RedrawnLines();
    lines.push(Buffer.from('before\n10%\r20%\r'));
    expect([lines.isRedrawing, lines.look(), lines.look()]).toEqual([true, '20%', null]);
    lines.push(Buffer.from('30'));
    expect(lines.look()).toBe('30');
    expect(lines.push(Buffer.from('%\nnext'))).toEqual(['30%']);
    expect([lines.isRedrawing, lines.look()]).toEqual([false, null]);
  });

  test('not of a line that is only unfinished', () => {
    const lines = new RedrawnLines();
    lines.push(Buffer.from('Password: '));
    expect([lines.isRedrawing, lines.look()]).toEqual([false, null]);
  });
});
