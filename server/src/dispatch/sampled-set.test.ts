import { describe, expect, test } from '@jest/globals';
import { seeded } from '../../test/support/seeded.js';
import { SampledSet } from './sampled-set.js';

function setOf(count: number, random = seeded(1)): SampledSet<number> {
  const set = new SampledSet<number>(random);
  for (let item = 0; item < count; item += 1) set.add(item);
  return set;
}

describe('SampledSet', () => {
  test('holds what was added and not deleted, once', () => {
    const set = setOf(10);
    set.add(3);
    for (const item of [3, 0, 9, 42]) set.delete(item);
    expect(set.size).toBe(7);
    expect(set.has(3)).toBe(false);
    expect(set.sample(100).sort()).toEqual([1, 2, 4, 5, 6, 7, 8]);
    // sampling moves members about; they must still be found
    for (const item of [1, 2, 4, 5, 6, 7, 8]) set.delete(item);
    expect(set.size).toBe(0);
    expect(set.sample(3)).toEqual([]);
  });

  test('gives different members, that pass', () => {
    const set = setOf(100);
    for (let round = 0; round < 50; round += 1) {
      const sample = set.sample(8, (item) => item % 2 === 0);
      expect(new Set(sample).size).toBe(sample.length);
      expect(sample.every((item) => item % 2 === 0)).toBe(true);
    }
  });

  test('gives each member about equally often', () => {
    const set = setOf(20, seeded(7));
    const counts = Array<number>(20).fill(0);
    for (let round = 0; round < 5_000; round += 1) for (const item of set.sample(4)) counts[item]! += 1;
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test('looks at a bounded number of members', () => {
    let looks = 0;
    setOf(10_000).sample(4, () => {
      looks += 1;
      return false;
    });
    expect(looks).toBeLessThanOrEqual(16);
  });
});
