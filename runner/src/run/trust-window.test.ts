import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TrustWindow, watchTrust } from './trust-window.js';

describe('TrustWindow', () => {
  test('counts from when the claim was sent', () => {
    const window = new TrustWindow(1000, 45_000);
    expect(window.holds(45_999)).toBe(true);
    expect(window.holds(46_000)).toBe(false);
  });

  test('an acknowledged renewal counts from when it was sent, however late its reply came', () => {
    const window = new TrustWindow(0, 45_000);
    window.renewed(10_000);
    expect(window.endsAtMs).toBe(55_000);
  });

  test('a reply that was overtaken takes nothing back', () => {
    const window = new TrustWindow(0, 45_000);
    window.renewed(20_000);
    window.renewed(10_000);
    expect(window.endsAtMs).toBe(65_000);
  });
});

describe('watchTrust', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('calls back when the window closes, once', () => {
    const onEnded = jest.fn();
    watchTrust(new TrustWindow(performance.now(), 1000), onEnded);
    jest.advanceTimersByTime(999);
    expect(onEnded).not.toHaveBeenCalled();
    jest.advanceTimersByTime(5000);
    expect(onEnded).toHaveBeenCalledTimes(1);
  });

  test('a renewal moves the end', () => {
    const onEnded = jest.fn();
    const window = new TrustWindow(performance.now(), 1000);
    watchTrust(window, onEnded);
    jest.advanceTimersByTime(900);
    window.renewed(performance.now());
    jest.advanceTimersByTime(999);
    expect(onEnded).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onEnded).toHaveBeenCalledTimes(1);
  });

  test('says nothing after it was told to stop', () => {
    const onEnded = jest.fn();
    watchTrust(new TrustWindow(performance.now(), 1000), onEnded)();
    jest.advanceTimersByTime(5000);
    expect(onEnded).not.toHaveBeenCalled();
  });
});
