import { describe, expect, test } from '@jest/globals';
import { LogSigner, probesOf, type LogSignature } from './log-signature.js';

const mayHave = ({ bits }: LogSignature, needle: string): boolean =>
  probesOf(needle).every((number) => {
    const bit = number % (bits.length * 8);
    return (bits[bit >>> 3]! & (1 << (bit & 7))) !== 0;
  });

function signed(lines: readonly string[]): readonly LogSignature[] {
  const signer = new LogSigner();
  lines.forEach((line, index) => signer.add(line, index + 1));
  return signer.finish(lines.length);
}

describe('the signature of a log', () => {
  test('has every part of every line, and hardly anything else', () => {
    const lines = Array.from(
      { length: 200 },
      (_, index) => `step ${index}: compiled module-${index * 7919} in ${index} ms`,
    );
    const [signature, ...more] = signed(lines);
    expect([more.length, signature?.firstSeq, signature?.lastSeq]).toEqual([0, 1, 200]);
    for (const line of lines) expect(mayHave(signature!, line.slice(3, 31))).toBe(true);
    const others = Array.from({ length: 1000 }, (_, index) =>
      `${(index * 2_654_435_761) % 4_294_967_296}`.split('').reverse().join('x'),
    );
    expect(others.filter((other) => mayHave(signature!, other)).length).toBeLessThan(20);
    expect(signature!.bits.length).toBeLessThan(lines.join('\n').length / 10);
  });

  test('a long log has several, one after the other', () => {
    const lines = Array.from({ length: 90 }, (_, index) => 'same words again and again '.repeat(2_500) + index);
    const signatures = signed(lines);
    expect(signatures.map(({ firstSeq }) => firstSeq)).toEqual([
      1,
      ...signatures.slice(0, -1).map(({ lastSeq }) => lastSeq + 1),
    ]);
    expect([signatures.length, signatures.at(-1)?.lastSeq]).toEqual([2, 90]);
  });

  test('what is short of three characters cannot be told from anything', () => {
    expect(probesOf('ab')).toEqual([]);
    expect(probesOf('x'.repeat(200))).toHaveLength(1);
    expect(probesOf(Array.from({ length: 60 }, (_, index) => `${index},`).join(''))).toHaveLength(16);
  });
});
