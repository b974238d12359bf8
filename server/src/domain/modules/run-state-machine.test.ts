import { describe, expect, test } from '@jest/globals';
import { RUN_STATES, type RunState } from '@dibs/shared';
import { RUN_BEGINNINGS, RUN_TRANSITIONS, isRunOver } from './run-state-machine.js';

describe('the state machine of module runs', () => {
  test('reaches every state from the beginnings', () => {
    const reached = new Set<RunState>(Object.values(RUN_BEGINNINGS).map(({ state }) => state));
    for (const state of reached) RUN_TRANSITIONS[state].forEach((next) => reached.add(next));
    expect([...reached].sort()).toEqual([...RUN_STATES].sort());
  });

  test('lets every state that is not over reach one that is, and none leave those', () => {
    const over = RUN_STATES.filter(isRunOver);
    expect(over).toEqual(['succeeded', 'failed', 'canceled', 'rejected', 'expired']);
    for (const state of RUN_STATES.filter((each) => !isRunOver(each))) {
      expect(RUN_TRANSITIONS[state].some(isRunOver)).toBe(true);
    }
  });

  test('decides on a plan only while it waits for that, and never goes back', () => {
    const into = (wanted: RunState) => RUN_STATES.filter((from) => RUN_TRANSITIONS[from].includes(wanted));
    expect([into('rejected'), into('expired')]).toEqual([['awaiting_approval'], ['awaiting_approval']]);
    expect([into('planning'), into('working')]).toEqual([[], []]);
    expect(into('applying')).toEqual(['planning', 'awaiting_approval']);
  });
});
