import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DrainState } from './drain-state.js';

const changes: boolean[] = [];
let givenUp = 0;
let state: DrainState;

beforeEach(() => {
  jest.useFakeTimers();
  changes.length = 0;
  givenUp = 0;
  state = new DrainState({ onChange: (draining) => changes.push(draining), giveUp: () => (givenUp += 1) });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('DrainState', () => {
  test('drains while the server wants it, and tells only of changes', () => {
    state.follow({ drain: true });
    state.follow({ drain: true, drainDeadlineMs: null });
    expect(state.isDraining).toBe(true);
    state.follow({ drain: false });
    state.follow({ drain: false });
    expect(state.isDraining).toBe(false);
    expect(changes).toEqual([true, false]);
  });

  test('drains for good once the process stops, whatever the server says', () => {
    state.stop('SIGTERM');
    state.follow({ drain: true });
    state.follow({ drain: false });
    expect(state.isDraining).toBe(true);
    expect(changes).toEqual([true]);
  });

  test('gives up at the deadline that was told last', () => {
    state.follow({ drain: true, drainDeadlineMs: 5_000 });
    jest.advanceTimersByTime(4_000);
    state.follow({ drain: true, drainDeadlineMs: 3_000 });
    jest.advanceTimersByTime(2_999);
    expect(givenUp).toBe(0);
    jest.advanceTimersByTime(1);
    expect(givenUp).toBe(1);
  });

  test('gives nothing up when the drain was taken back, or lost its deadline', () => {
    state.follow({ drain: true, drainDeadlineMs: 1_000 });
    state.follow({ drain: false });
    state.follow({ drain: true, drainDeadlineMs: 1_000 });
    state.follow({ drain: true, drainDeadlineMs: null });
    jest.advanceTimersByTime(10_000);
    expect(givenUp).toBe(0);
  });

  test('waits as long as a timer can for a deadline beyond it', () => {
    state.follow({ drain: true, drainDeadlineMs: 2 ** 40 });
    jest.advanceTimersByTime(2 ** 30);
    expect(givenUp).toBe(0);
    state.close();
  });
});
