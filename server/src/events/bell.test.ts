import { describe, expect, test } from '@jest/globals';
import { Bell } from './bell.js';

const LONG_MS = 3_600_000;

describe('Bell', () => {
  test('wakes whoever waits', async () => {
    const bell = new Bell();
    const waiting = bell.wait(LONG_MS, new AbortController().signal);
    bell.ring();
    await expect(waiting).resolves.toBeUndefined();
  });

  test('keeps a ring that nobody heard, once', async () => {
    const bell = new Bell();
    const abort = new AbortController();
    bell.ring();
    bell.ring();
    await bell.wait(LONG_MS, abort.signal);
    let woken = false;
    const second = bell.wait(LONG_MS, abort.signal).then(() => (woken = true));
    await Promise.resolve();
    expect(woken).toBe(false);
    abort.abort();
    await second;
  });

  test('ends with the time and with the signal', async () => {
    const bell = new Bell();
    await bell.wait(1, new AbortController().signal);
    await bell.wait(LONG_MS, AbortSignal.abort());
  });
});
