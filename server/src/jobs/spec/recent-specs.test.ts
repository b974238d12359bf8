import { expect, test } from '@jest/globals';
import type { JobId } from '@dibs/shared';
import { RecentSpecs } from './recent-specs.js';
import type { SpecJson } from './spec-json.js';

class FewSpecs extends RecentSpecs {
  protected override readonly mostCharacters = 1_000;
}

const id = (n: number): JobId => `job-${n}` as JobId;
const spec = (characters: number): SpecJson => 'x'.repeat(characters) as SpecJson;

test('gives a spec until it is forgotten', () => {
  const specs = new RecentSpecs();
  specs.keep(id(1), spec(5));
  expect(specs.of(id(1))).toBe('xxxxx');
  specs.forget(id(1));
  expect(specs.of(id(1))).toBeUndefined();
});

test('the oldest go when they are too much together, however large one is', () => {
  const specs = new FewSpecs();
  for (const n of [1, 2, 3]) specs.keep(id(n), spec(300));
  expect([1, 2, 3].map((n) => specs.of(id(n)) !== undefined)).toEqual([false, true, true]);
  specs.keep(id(4), spec(5_000));
  expect([2, 3, 4].map((n) => specs.of(id(n)) !== undefined)).toEqual([false, false, false]);
});

test('what was forgotten or kept again leaves its room to others', () => {
  const specs = new FewSpecs();
  for (let n = 1; n <= 50; n += 1) {
    specs.keep(id(n), spec(300));
    specs.keep(id(n), spec(300));
    specs.forget(id(n));
  }
  specs.keep(id(51), spec(300));
  specs.keep(id(52), spec(300));
  expect([51, 52].map((n) => specs.of(id(n)) !== undefined)).toEqual([true, true]);
});
