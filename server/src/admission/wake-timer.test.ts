import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { WakeTimer } from './wake-timer.js';

describe('WakeTimer', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('wakes at the earliest of many moments, once', () => {
    const wake = jest.fn();
    const timer = new WakeTimer(wake);
    for (const delayMs of [500, 100, 300]) timer.atLatestIn(delayMs);
    jest.advanceTimersByTime(99);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(10_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('can be set again after it woke, also from within', () => {
    let wakes = 0;
    const timer = new WakeTimer(() => {
      wakes += 1;
      if (wakes < 3) timer.atLatestIn(50);
    });
    timer.atLatestIn(10);
    jest.advanceTimersByTime(1_000);
    expect(wakes).toBe(3);
  });

  test('never wakes in a circle without a pause', () => {
    let wakes = 0;
    const timer = new WakeTimer(() => {
      wakes += 1;
      timer.atLatestIn(-1_000);
    });
    timer.atLatestIn(-1_000);
    jest.advanceTimersByTime(100);
    expect(wakes).toBeLessThanOrEqual(20);
    timer.stop();
    jest.advanceTimersByTime(100);
    expect(wakes).toBeLessThanOrEqual(20);
  });

  test('takes a moment beyond what a timer of Node can wait', () => {
    const wake = jest.fn();
    new WakeTimer(wake).atLatestIn(2 ** 40);
    jest.advanceTimersByTime(1_000);
    expect(wake).not.toHaveBeenCalled();
  });
});
