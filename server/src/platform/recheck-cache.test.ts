import { describe, expect, test } from '@jest/globals';
import { RecheckCache } from './recheck-cache.js';

function setUp(maxEntries = 100) {
  const state = { nowMs: 0, loads: 0, answer: 'one' as string | null };
  const load = (): Promise<string | null> => {
    state.loads += 1;
    return Promise.resolve(state.answer);
  };
  return { state, cache: new RecheckCache(load, 100, () => state.nowMs, maxEntries) };
}

describe('RecheckCache', () => {
  test('asks again after its time, not before', async () => {
    const { state, cache } = setUp();
    await cache.get('k');
    state.answer = null;
    state.nowMs = 99;
    expect(await cache.get('k')).toBe('one');
    state.nowMs = 100;
    expect(await cache.get('k')).toBeNull();
    expect(state.loads).toBe(2);
  });

  test('many who ask at once share one load', async () => {
    const { state, cache } = setUp();
    expect(await Promise.all([cache.get('k'), cache.get('k'), cache.get('k')])).toEqual(['one', 'one', 'one']);
    expect(state.loads).toBe(1);
  });

  test('does not remember absence', async () => {
    const { state, cache } = setUp();
    state.answer = null;
    await cache.get('k');
    state.answer = 'now there';
    expect(await cache.get('k')).toBe('now there');
  });

  test('what was forgotten while it loaded is not remembered', async () => {
    const answers: ((value: string) => void)[] = [];
    const cache = new RecheckCache<string>(
      () => new Promise((resolve) => answers.push(resolve)),
      100,
      () => 0,
    );
    const old = cache.get('k');
    cache.forget('k');
    answers[0]!('from before the change');
    await old;
    const fresh = cache.get('k');
    answers[1]!('after');
    expect(await fresh).toBe('after');
  });

  test('a load that is overtaken by a newer one does not replace its answer', async () => {
    const answers: ((value: string) => void)[] = [];
    const cache = new RecheckCache<string>(
      () => new Promise((resolve) => answers.push(resolve)),
      100,
      () => 0,
    );
    const old = cache.get('k');
    cache.forget('k');
    const fresh = cache.get('k');
    answers[1]!('after');
    await fresh;
    answers[0]!('from before the change');
    await old;
    expect(await cache.get('k')).toBe('after');
  });

  test('a failed load is tried again', async () => {
    let fails = true;
    const load = (): Promise<string> => (fails ? Promise.reject(new Error('away')) : Promise.resolve('back'));
    const cache = new RecheckCache(load, 100, () => 0);
    await expect(cache.get('k')).rejects.toThrow('away');
    fails = false;
    expect(await cache.get('k')).toBe('back');
  });

  test('is bounded: the oldest goes first', async () => {
    const { state, cache } = setUp(2);
    for (const key of ['a', 'b', 'c']) await cache.get(key);
    await cache.get('b');
    expect(state.loads).toBe(3);
    await cache.get('a');
    expect(state.loads).toBe(4);
  });
});
