import { describe, expect, test } from '@jest/globals';
import type { RetrySpec } from '@dibs/shared';
import { afterFailure, type OwnFailure } from './retry.js';

const retry: RetrySpec = { maxAttempts: 3, onExitCodes: [75], onReasons: [], backoffSeconds: 10 };
const job = { retry, failures: 1, cancelRequested: false };
const failure: OwnFailure = { outcome: 'failed', reason: 'step_failed', exitCode: 75 };
const again = (delaySeconds: number) => ({ kind: 'retry', delaySeconds });
const final = { kind: 'final' };

describe('afterFailure', () => {
  test('tries again on a named exit code, and on no other', () => {
    expect(afterFailure(job, failure)).toEqual(again(10));
    expect(afterFailure(job, { ...failure, exitCode: 1 })).toEqual(final);
    expect(afterFailure(job, { outcome: 'failed', reason: 'step_signaled', exitCode: null })).toEqual(final);
    expect(afterFailure(job, { outcome: 'timed_out', reason: 'step_timeout', exitCode: null })).toEqual(final);
  });

  test('tries again on a named reason, also beside exit codes', () => {
    const named = { ...job, retry: { ...retry, onReasons: ['source_failed', 'step_timeout'] as const } };
    expect(afterFailure(named, { outcome: 'failed', reason: 'source_failed', exitCode: null })).toEqual(again(10));
    expect(afterFailure(named, { outcome: 'timed_out', reason: 'step_timeout', exitCode: null })).toEqual(again(10));
    expect(afterFailure(named, { outcome: 'timed_out', reason: 'job_timeout', exitCode: null })).toEqual(final);
    expect(afterFailure(named, failure)).toEqual(again(10));
  });

  test('takes a reason alone for all that is meant', () => {
    const only = { ...job, retry: { ...retry, onExitCodes: [], onReasons: ['source_failed'] as const } };
    expect(afterFailure(only, failure)).toEqual(final);
  });

  test('takes any failure of a step when nothing is named', () => {
    const any = { ...job, retry: { ...retry, onExitCodes: [] } };
    expect(afterFailure(any, { ...failure, exitCode: 1 })).toEqual(again(10));
    expect(afterFailure(any, { outcome: 'failed', reason: 'step_signaled', exitCode: null })).toEqual(again(10));
    expect(afterFailure(any, { outcome: 'failed', reason: 'source_failed', exitCode: null })).toEqual(final);
    expect(afterFailure(any, { outcome: 'timed_out', reason: 'step_timeout', exitCode: null })).toEqual(final);
  });

  test('ends at the last attempt, without retry, and when a cancel was requested', () => {
    expect(afterFailure({ ...job, failures: 2 }, failure)).toEqual(again(20));
    expect(afterFailure({ ...job, failures: 3 }, failure)).toEqual(final);
    expect(afterFailure({ ...job, retry: null }, failure)).toEqual(final);
    expect(afterFailure({ ...job, cancelRequested: true }, failure)).toEqual(final);
  });

  test('never tries a success or a cancel again', () => {
    const any = { ...job, retry: { ...retry, onExitCodes: [], onReasons: [] } };
    expect(afterFailure(any, { outcome: 'succeeded', reason: 'completed', exitCode: 0 })).toEqual(final);
    expect(afterFailure(any, { outcome: 'canceled', reason: 'canceled', exitCode: null })).toEqual(final);
  });

  test('doubles the pause up to an hour', () => {
    const patient = { ...job, retry: { ...retry, maxAttempts: 20, backoffSeconds: 600 } };
    const pauses = [1, 2, 3, 4, 19].map((failures) => afterFailure({ ...patient, failures }, failure));
    expect(pauses).toEqual([600, 1200, 2400, 3600, 3600].map(again));
  });
});
