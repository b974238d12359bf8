import { describe, expect, test } from '@jest/globals';
import { ATTEMPT_OUTCOMES, JOB_REASONS, JOB_STATES, isTerminal, type JobReason } from '@dibs/shared';
import { JOB_TRANSITIONS, canBecome } from './job-state-machine.js';
import { isReasonOf } from './attempt-reasons.js';
import { afterAttemptEnded, decideCancel } from './job.js';

const job = { onLost: 'requeue', maxAttempts: 3, losses: 1, cancelRequested: false, superseded: false } as const;

describe('afterAttemptEnded', () => {
  test.each(['succeeded', 'failed', 'canceled', 'timed_out'] as const)('takes %s as it is', (outcome) => {
    const after = afterAttemptEnded(job, outcome, 'step_failed');
    expect(after).toEqual({ kind: 'final', state: outcome, reason: 'step_failed' });
  });

  test('gives a lost job to the next runner while attempts are left', () => {
    expect(afterAttemptEnded({ ...job, losses: 2 }, 'lost', 'lease_expired')).toEqual({
      kind: 'requeue',
      reason: 'lease_expired',
      pinned: false,
    });
  });

  test('ends a lost job at its last attempt', () => {
    const after = afterAttemptEnded({ ...job, losses: 3 }, 'lost', 'lease_expired');
    expect(after).toEqual({ kind: 'final', state: 'lost', reason: 'lease_expired' });
  });

  test('never starts a job twice that must not', () => {
    const after = afterAttemptEnded({ ...job, onLost: 'fail' }, 'lost', 'runner_restarted');
    expect(after).toEqual({ kind: 'final', state: 'lost', reason: 'runner_restarted' });
  });

  test('cancels a lost job whose cancel was requested instead of starting it again', () => {
    const after = afterAttemptEnded({ ...job, cancelRequested: true }, 'lost', 'lease_expired');
    expect(after).toEqual({ kind: 'final', state: 'canceled', reason: 'canceled' });
  });

  test('says so when a newer job of the group asked for the cancel', () => {
    const after = afterAttemptEnded({ ...job, cancelRequested: true, superseded: true }, 'lost', 'lease_expired');
    expect(after).toEqual({ kind: 'final', state: 'canceled', reason: 'superseded' });
  });

  test('keeps a job that waits for its instance pinned to it, and for no longer than its attempts', () => {
    const waiting = { ...job, onLost: 'wait' } as const;
    expect(afterAttemptEnded(waiting, 'lost', 'lease_expired')).toEqual({
      kind: 'requeue',
      reason: 'lease_expired',
      pinned: true,
    });
    expect(afterAttemptEnded({ ...waiting, losses: 3 }, 'lost', 'lease_expired')).toMatchObject({ kind: 'final' });
  });

  test('leads only where the state machine allows from a running job', () => {
    for (const outcome of ATTEMPT_OUTCOMES) {
      for (const cancelRequested of [true, false]) {
        const after = afterAttemptEnded({ ...job, cancelRequested }, outcome, 'completed');
        expect(canBecome('running', after.kind === 'final' ? after.state : 'queued')).toBe(true);
      }
    }
  });
});

describe('isReasonOf', () => {
  test('lets every reason explain at most one outcome, and none of the server’s own any', () => {
    const explained = Object.keys(JOB_REASONS).map((reason) =>
      ATTEMPT_OUTCOMES.filter((outcome) => isReasonOf(outcome, reason as JobReason)),
    );
    expect(explained.filter((outcomes) => outcomes.length > 1)).toEqual([]);
    for (const reason of ['lease_expired', 'queue_timeout'] as const) {
      expect(ATTEMPT_OUTCOMES.some((outcome) => isReasonOf(outcome, reason))).toBe(false);
    }
  });

  test.each(ATTEMPT_OUTCOMES)('knows a reason for %s', (outcome) => {
    expect(Object.keys(JOB_REASONS).some((reason) => isReasonOf(outcome, reason as JobReason))).toBe(true);
  });
});

describe('decideCancel', () => {
  test.each(JOB_STATES)('agrees with the state machine about %s', (state) => {
    const decision = decideCancel({ state, reason: null });
    if (isTerminal(state)) expect(decision).toBe('already_terminal');
    else expect(decision).toBe(JOB_TRANSITIONS[state].includes('lost') ? 'ask_runner' : 'end_now');
  });

  test('asks the children of a job that was fanned out', () => {
    expect(decideCancel({ state: 'waiting', reason: 'fan_out' })).toBe('ask_children');
    expect(decideCancel({ state: 'waiting', reason: 'fan_out_turn' })).toBe('end_now');
  });
});
