import { describe, expect, test } from '@jest/globals';
import {
  decideOutcome,
  describeStepEnd,
  type AttemptResult,
  type Preparation,
  type StepEnd,
  type StopCause,
} from './attempt-outcome.js';

const ok = describeStepEnd({ exitCode: 0, signal: null }, null);
const exit3 = describeStepEnd({ exitCode: 3, signal: null }, null);
const segv = describeStepEnd({ exitCode: null, signal: 'SIGSEGV' }, null);
const noSpawn = describeStepEnd({ exitCode: null, signal: null, spawnError: new Error('ENOENT') }, null);
const overtime = describeStepEnd({ exitCode: 143, signal: null }, 'step_timeout');
const stopped = describeStepEnd({ exitCode: null, signal: 'SIGTERM' }, 'stopped');
const skipped: StepEnd = { state: 'skipped', exitCode: null, signal: null, cause: 'skipped' };
const cancel: StopCause = { kind: 'cancel', mode: 'graceful' };

describe('describeStepEnd', () => {
  test('success needs an explicit exit code 0', () => {
    expect(ok.state).toBe('succeeded');
    expect(describeStepEnd({ exitCode: null, signal: null }, null).state).toBe('failed');
  });

  test('a step that was told to stop did not succeed, even if it left with 0', () => {
    expect(describeStepEnd({ exitCode: 0, signal: null }, 'stopped').state).toBe('canceled');
    expect(describeStepEnd({ exitCode: 0, signal: null }, 'step_timeout').state).toBe('timed_out');
  });
});

describe('decideOutcome', () => {
  const table: [string, Preparation, StepEnd[], StopCause | null, AttemptResult][] = [
    ['all well', 'ok', [ok, ok], null, { outcome: 'succeeded', reason: 'completed', exitCode: 0 }],
    ['a step fails', 'ok', [ok, exit3, skipped], null, { outcome: 'failed', reason: 'step_failed', exitCode: 3 }],
    ['a step crashes', 'ok', [segv], null, { outcome: 'failed', reason: 'step_signaled', exitCode: null }],
    ['no shell', 'ok', [noSpawn], null, { outcome: 'failed', reason: 'spawn_failed', exitCode: null }],
    ['step overtime', 'ok', [overtime], null, { outcome: 'timed_out', reason: 'step_timeout', exitCode: 143 }],
    ['no source', 'source_failed', [skipped], null, { outcome: 'failed', reason: 'source_failed', exitCode: null }],
    [
      'no executor',
      'executor_unavailable',
      [skipped],
      null,
      { outcome: 'failed', reason: 'executor_unavailable', exitCode: null },
    ],
    ['canceled', 'ok', [ok, stopped, skipped], cancel, { outcome: 'canceled', reason: 'canceled', exitCode: null }],
    [
      'canceled while preparing',
      'stopped',
      [skipped],
      cancel,
      { outcome: 'canceled', reason: 'canceled', exitCode: null },
    ],
    [
      'canceled between steps',
      'ok',
      [ok, skipped],
      cancel,
      { outcome: 'canceled', reason: 'canceled', exitCode: null },
    ],
    ['canceled too late', 'ok', [ok, ok], cancel, { outcome: 'succeeded', reason: 'completed', exitCode: 0 }],
    [
      'canceled after a failure',
      'ok',
      [exit3, skipped],
      cancel,
      { outcome: 'failed', reason: 'step_failed', exitCode: 3 },
    ],
    [
      'job overtime',
      'ok',
      [stopped],
      { kind: 'job_timeout' },
      { outcome: 'timed_out', reason: 'job_timeout', exitCode: null },
    ],
    [
      'drain deadline',
      'ok',
      [stopped],
      { kind: 'drain_deadline' },
      { outcome: 'lost', reason: 'drain_deadline', exitCode: null },
    ],
    [
      'contact lost',
      'ok',
      [stopped],
      { kind: 'trust_ended' },
      { outcome: 'lost', reason: 'runner_fenced', exitCode: null },
    ],
    ['no steps ended at all', 'stopped', [], null, { outcome: 'lost', reason: 'runner_fenced', exitCode: null }],
  ];

  test.each(table)('%s', (_name, preparation, steps, stop, result) => {
    expect(decideOutcome(preparation, steps, stop)).toEqual(result);
  });
});
