import { describe, expect, test } from '@jest/globals';
import { AppError } from './errors.js';
import { isolating, unwrap } from './isolating.js';

describe('isolating', () => {
  test('lets one bad item fail alone', async () => {
    const flush = isolating<number, number>((items) =>
      items.includes(2) ? Promise.reject(new Error('bad 2')) : Promise.resolve(items.map((item) => item * 10)),
    );
    const results = await flush([1, 2, 3]);
    expect(results.map((result) => (result.ok ? result.value : 'failed'))).toEqual([10, 'failed', 30]);
    expect(() => unwrap(results[1]!)).toThrow('bad 2');
  });

  test('does not ask again while the database is away', async () => {
    let calls = 0;
    const flush = isolating<number, number>(() => {
      calls += 1;
      return Promise.reject(new AppError(503, 'database_unavailable', ''));
    });
    expect((await flush([1, 2, 3])).every((result) => !result.ok)).toBe(true);
    expect(calls).toBe(1);
  });
});
