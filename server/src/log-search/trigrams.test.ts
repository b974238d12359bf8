import { describe, expect, test } from '@jest/globals';
import { needlePattern } from '@dibs/shared';
import { eachTrigram } from './trigrams.js';

const numbersOf = (text: string): number[] => {
  const numbers: number[] = [];
  eachTrigram(text, (number) => numbers.push(number));
  return numbers;
};

describe('trigrams', () => {
  test('of a part are among those of the whole, whatever the case', () => {
    const whole = new Set(numbersOf('2026 ERROR: ΣΊΣΥΦΟΣ straße 日本語の 😀 done'));
    for (const part of ['error', 'Error: σίσυφος', 'STRAßE 日本語', 'の 😀 d']) {
      expect(numbersOf(part).length).toBeGreaterThan(0);
      expect(numbersOf(part).every((number) => whole.has(number))).toBe(true);
    }
    expect(numbersOf('errand').every((number) => whole.has(number))).toBe(false);
  });

  test('texts of less than three characters have none', () =>
    expect([numbersOf(''), numbersOf('ab')]).toEqual([[], []]));

  test('characters that a search takes for the same have the same number', () => {
    for (let unit = 0; unit < 0xd800; unit += 1) {
      const self = String.fromCharCode(unit);
      for (const other of [self.toLowerCase(), self.toUpperCase(), ...(ODD[self] ?? [])]) {
        if (other === self || other.length !== 1 || !needlePattern(self, false).test(other)) continue;
        if (numbersOf(`${self}ab`)[0] !== numbersOf(`${other}ab`)[0]) throw new Error(`${self} and ${other} differ`);
      }
    }
  });
});

/** Pairs that neither toLowerCase nor toUpperCase tells. */
const ODD: Readonly<Record<string, readonly string[]>> = { s: ['ſ'], k: ['\u212a'], σ: ['ς'], β: ['ϐ'], ß: ['ẞ'] };
