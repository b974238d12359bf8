import { describe, expect, test } from '@jest/globals';
import { Coalescer } from './coalescer.js';

describe('Coalescer', () => {
  test('sends together what one tick adds, one by one or many at once, and answers each in its place', async () => {
    const flushes: number[][] = [];
    const coalescer = new Coalescer<number, number>((items) => {
      flushes.push([...items]);
      return Promise.resolve(items.map((item) => item * 10));
    });
    const answers = await Promise.all([
      coalescer.add(1),
      coalescer.addAll([2, 3]),
      coalescer.addAll([]),
      coalescer.add(4),
    ]);
    expect(answers).toEqual([10, [20, 30], [], 40]);
    expect(flushes).toEqual([[1, 2, 3, 4]]);
  });

  test('answers many in order although they went out in parts, the last of which ended first', async () => {
    const open: (() => void)[] = [];
    const coalescer = new Coalescer<number, number>(
      (items) => new Promise((resolve) => open.push(() => resolve(items.map((item) => item * 10)))),
      { maxBatch: 2, maxConcurrent: 2 },
    );
    const all = coalescer.addAll([1, 2, 3]);
    await Promise.resolve();
    expect(open).toHaveLength(2);
    open[1]!();
    open[0]!();
    expect(await all).toEqual([10, 20, 30]);
  });

  test('rejects all of them when a part is refused', async () => {
    const coalescer = new Coalescer<number, number>(
      (items) => (items.includes(3) ? Promise.reject(new Error('refused')) : Promise.resolve([...items])),
      { maxBatch: 2, maxConcurrent: 2 },
    );
    await expect(coalescer.addAll([1, 2, 3])).rejects.toThrow('refused');
  });
});
