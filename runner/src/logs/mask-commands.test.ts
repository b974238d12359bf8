import { expect, test } from '@jest/globals';
import { MaskCommands, type OutputPart } from './mask-commands.js';

/** Text that is shown, and values in brackets where they are registered. */
function read(pieces: readonly Buffer[]): string {
  const commands = new MaskCommands();
  const parts = [...pieces.flatMap((piece) => commands.read(Buffer.from(piece))), ...commands.flush()];
  return parts.map(told).join('');
}

function told(part: OutputPart): string {
  if ('bytes' in part) return part.bytes.toString();
  return 'value' in part ? `[${part.value}]` : '[too long]';
}

test.each([
  ['one', 'a\n::add-mask::hunter2\nb\n', 'a\n[hunter2]b\n'],
  [
    'several, the first and the last line',
    '::add-mask::one\n::add-mask::two\nx\n::add-mask::three',
    '[one][two]x\n[three]',
  ],
  ['white space before it', ' x\n \t ::add-mask:: y z \r\nx', ' x\n[ y z ]x'],
  ['escapes', '::add-mask::1%0A2%0D%0A3%254%2\n', '[1\n2\r\n3%4%2]'],
  ['colons in the value', '::add-mask::a::b::\n', '[a::b::]'],
  ['properties', '::add-mask a=b,c=d::x\n', '[x]'],
  ['no value', '::add-mask::\n', '[]'],
  ['after a redrawn line', '50%\r::add-mask::x\n', '50%\r[x]'],
  [
    'not at the beginning of a line',
    'echo ::add-mask::x\n ::add ::add-mask::y\n',
    'echo ::add-mask::x\n ::add ::add-mask::y\n',
  ],
  [
    'other commands',
    '::add-masks::x\n::add-mask\n::notice::x\n::add-mask:x\n',
    '::add-masks::x\n::add-mask\n::notice::x\n::add-mask:x\n',
  ],
  ['what only begins like one', '::\n  :x\n::add-mas\n   \n', '::\n  :x\n::add-mas\n   \n'],
  ['an end that only begins like one', 'x\n  ::add', 'x\n  ::add'],
])('%s, wherever it is cut', (_what, text, expected) => {
  const bytes = Buffer.from(text);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const shown = read([bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]);
      if (shown !== expected) expect([first, second, shown]).toEqual([first, second, expected]);
    }
  }
  expect(read([...bytes].map((byte) => Buffer.from([byte])))).toBe(expected);
});

test('a line that is no command leaves at once', () => {
  const commands = new MaskCommands();
  const shown = (text: string) => commands.read(Buffer.from(text)).map(told).join('');
  expect(shown('prompt> ')).toBe('prompt> ');
  expect(shown('::')).toBe('::');
  expect(shown('\n::')).toBe('\n');
  expect(shown('x')).toBe('::x');
});

test('a command that is too long is neither shown nor kept in memory', () => {
  const long = Buffer.from(`a\n::add-mask::${'x'.repeat(70_000)}`);
  for (const pieces of [[long], [long.subarray(0, 40_000), long.subarray(40_000)]]) {
    expect(read([...pieces, Buffer.from('yyy'), Buffer.from('zzz\nb\n::add-mask::q\n')])).toBe('a\n[too long]b\n[q]');
  }
  expect(read([Buffer.concat([long, Buffer.from('\nb')])])).toBe('a\n[too long]b');
});
