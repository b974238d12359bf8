import { describe, expect, test } from '@jest/globals';
import type { JobSpec } from '@dibs/shared';
import { childSpec, fanOutInitialState, nextFanOutStep } from './fan-out.js';

const ALL = { batchSize: null, cancelRequested: false };
const TWO = { batchSize: 2, cancelRequested: false };

describe('a fan-out', () => {
  test('waits from the start, and only if it is one', () => {
    expect(fanOutInitialState({ fanOut: null })).toBeNull();
    expect(fanOutInitialState({ fanOut: { batchSize: null, offline: 'skip' } })).toEqual({
      state: 'waiting',
      reason: 'fan_out',
    });
  });

  test('gives a child everything but what limits the whole', () => {
    const parent = {
      name: 'patch',
      priority: 3,
      runner: null,
      instance: null,
      fanOut: { batchSize: 2, offline: 'wait' },
      concurrency: { key: 'k', limit: 1, supersede: 'none' },
    } as unknown as JobSpec;
    expect(childSpec(parent, { runner: 'pool', instance: 'pool-3' })).toEqual({
      name: 'patch',
      priority: 3,
      runner: 'pool',
      instance: 'pool-3',
      fanOut: null,
      concurrency: null,
    });
  });

  test('fills its batch, and no more', () => {
    expect(nextFanOutStep({ waiting: 5 }, 5, TWO)).toEqual({ kind: 'wait', release: 2 });
    expect(nextFanOutStep({ waiting: 3, queued: 1, running: 1 }, 3, TWO)).toEqual({ kind: 'wait', release: 0 });
    expect(nextFanOutStep({ waiting: 3, running: 1, failed: 1 }, 3, TWO)).toEqual({ kind: 'wait', release: 1 });
    expect(nextFanOutStep({ waiting: 1, succeeded: 9 }, 1, TWO)).toEqual({ kind: 'wait', release: 1 });
  });

  test('counts a child that waits for something else as one that has begun', () => {
    expect(nextFanOutStep({ waiting: 4 }, 3, TWO)).toEqual({ kind: 'wait', release: 1 });
  });

  test('begins all at once without a batch size', () => {
    expect(nextFanOutStep({ waiting: 5 }, 5, ALL)).toEqual({ kind: 'wait', release: 5 });
  });

  test('begins nothing more once it was asked to be canceled', () => {
    expect(nextFanOutStep({ waiting: 2, running: 1 }, 2, { ...ALL, cancelRequested: true })).toEqual({
      kind: 'wait',
      release: 0,
    });
  });

  test('ends as its children did', () => {
    expect(nextFanOutStep({ succeeded: 3 }, 0, ALL)).toMatchObject({ state: 'succeeded', reason: 'completed' });
    for (const state of ['failed', 'canceled', 'timed_out', 'lost', 'expired'] as const) {
      expect(nextFanOutStep({ succeeded: 3, [state]: 1 }, 0, ALL)).toMatchObject({
        kind: 'end',
        state: 'failed',
        reason: 'child_failed',
      });
    }
  });

  test('ends canceled when it was asked to, even if every child had succeeded meanwhile', () => {
    expect(nextFanOutStep({ succeeded: 2 }, 0, { ...ALL, cancelRequested: true })).toMatchObject({ state: 'canceled' });
  });

  test('fails when there was nothing to fan out to', () => {
    expect(nextFanOutStep({}, 0, ALL)).toEqual({ kind: 'end', state: 'failed', reason: 'no_matching_instance' });
  });
});
