import { describe, expect, test } from '@jest/globals';
import { JOB_STATES, TERMINAL_JOB_STATES, isTerminal, type JobState } from '@dibs/shared';
import { INITIAL_JOB_STATES, JOB_TRANSITIONS, canBecome } from './job-state-machine.js';

describe('the job state machine', () => {
  test('reaches every state from the initial ones', () => {
    const reached = new Set<JobState>(INITIAL_JOB_STATES);
    for (const state of reached) JOB_TRANSITIONS[state].forEach((next) => reached.add(next));
    expect([...reached].sort()).toEqual([...JOB_STATES].sort());
  });

  test.each(TERMINAL_JOB_STATES)('has no way out of %s', (state) => {
    expect(JOB_TRANSITIONS[state]).toEqual([]);
  });

  test('lets every state that is not terminal reach a terminal one', () => {
    for (const state of JOB_STATES.filter((each) => !isTerminal(each))) {
      expect(JOB_TRANSITIONS[state].some(isTerminal)).toBe(true);
    }
  });

  test('never calls a job succeeded or expired that could not be', () => {
    expect(JOB_STATES.filter((from) => canBecome(from, 'succeeded'))).toEqual(['waiting', 'running']);
    expect(JOB_STATES.filter((from) => canBecome(from, 'expired'))).toEqual(['waiting', 'queued']);
  });

  test('goes back to the queue only from an attempt', () => {
    expect(JOB_STATES.filter((from) => canBecome(from, 'queued'))).toEqual(['waiting', 'claimed', 'running']);
  });

  test('waits once it was queued only after an attempt', () => {
    expect(JOB_STATES.filter((from) => canBecome(from, 'waiting'))).toEqual(['claimed', 'running']);
  });
});
