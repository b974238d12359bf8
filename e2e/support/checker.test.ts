import { describe, expect, test } from '@jest/globals';
import type { JobDetail, LogRow } from '@dibs/shared';
import { submitViolations, violations } from './checker.js';
import type { LedgerRecord } from './ledger.js';
import { lineOf } from './programs/line-of.mjs';

/** Two attempts: the first lost after two lines, the second succeeded with three. */
const job = {
  id: 'job',
  state: 'succeeded',
  spec: { executor: { type: 'shell' }, steps: [{}] },
  attempts: [
    attempt(1, 'a', 'lost', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'),
    attempt(2, 'b', 'succeeded', '2026-01-01T00:01:01Z', '2026-01-01T00:02:00Z'),
  ],
} as unknown as JobDetail;
const ledger = [
  record(1, 'a', 'start', 0, 10),
  record(1, 'a', 'alive', 2, 20),
  record(2, 'b', 'start', 0, 100),
  record(2, 'b', 'end', 3, 130),
];
const logs = new Map([
  [1, rows(1, 2)],
  [2, rows(2, 3)],
]);

function attempt(number: number, instance: string, outcome: string, claimedAt: string, finishedAt: string) {
  return { attempt: number, claimedBy: { instance }, outcome, claimedAt, finishedAt, logComplete: outcome !== 'lost' };
}

function record(
  attemptNumber: number,
  instance: string,
  phase: LedgerRecord['phase'],
  printed: number,
  atMs: number,
): LedgerRecord {
  const exit = phase === 'end' ? { exitCode: 0 } : {};
  return { job: 'job', attempt: attemptNumber, step: 0, instance, pid: 1, phase, printed, atMs, ...exit };
}

function rows(attemptNumber: number, count: number): LogRow[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    at: '2026-01-01T00:00:00Z',
    step: 0,
    stream: 'stdout' as const,
    text: lineOf({ job: 'job', attempt: attemptNumber, step: 0 }, index + 1),
  }));
}

/** A record of so many lines. */
function gapOf(seq: number, lines: number): LogRow {
  const told = { seq, at: '2026-01-01T00:00:00Z', step: -1, stream: 'system' as const, text: 'lost' };
  return { ...told, gap: { lines, reason: 'spool_lost' } };
}

test('finds nothing in what is right', () => {
  expect(violations({ job, ledger, logs })).toEqual([]);
  expect(violations({ job, ledger, logs: new Map([[2, [...rows(2, 1), gapOf(2, 2)]]]) })).toEqual([]);
});

describe('finds', () => {
  const [first, second] = job.attempts;
  test.each([
    [
      'I1',
      'claims that overlap',
      { job: { ...job, attempts: [{ ...first!, finishedAt: second!.finishedAt }, second!] } },
    ],
    ['I1', 'an attempt that ran elsewhere', { ledger: [...ledger, record(2, 'a', 'alive', 1, 110)] }],
    ['I1', 'an attempt nobody claimed', { ledger: [...ledger, record(3, 'b', 'start', 0, 200)] }],
    ['I2', 'executions that overlap', { ledger: [...ledger, record(1, 'a', 'alive', 2, 105)] }],
    ['I6', 'a live attempt in a terminal job', { job: { ...job, attempts: [first!, { ...second!, outcome: null }] } }],
    ['I7', 'success without an end', { ledger: ledger.slice(0, 3) }],
    ['I8', 'a missing line at the end', { logs: new Map([[2, rows(2, 2)]]) }],
    ['I8', 'a line that was never printed', { logs: new Map([[2, rows(2, 4)]]) }],
    ['I9', 'a hole in the numbers', { logs: new Map([[2, rows(2, 3).filter((row) => row.seq !== 2)]]) }],
    ['I9', 'a line twice', { logs: new Map([[2, [...rows(2, 3), rows(2, 3)[2]!]]]) }],
    ['I17', 'lines that a gap record does not count', { logs: new Map([[2, [...rows(2, 1), gapOf(2, 1)]]]) }],
    ['I10', 'a line of another attempt', { logs: new Map([[2, [...rows(2, 2), { ...rows(1, 3)[2]!, seq: 3 }]]]) }],
  ] as const)('%s: %s', (invariant, _what, change) => {
    const found = violations({ job, ledger, logs, ...(change as object) });
    expect(found.join('\n')).toMatch(new RegExp(`${invariant}\\b`));
  });

  test('I4: lost, doubled and unknown jobs', () => {
    expect(submitViolations(['a', 'b'], ['a', 'b'], 0)).toEqual([]);
    expect(submitViolations(['a', 'b'], ['a'], 0)).toHaveLength(1);
    expect(submitViolations(['a'], ['a', 'a'], 0)).toHaveLength(1);
    expect(submitViolations(['a'], ['a', 'x'], 0)).toHaveLength(1);
    expect(submitViolations(['a'], ['a', 'x'], 1)).toEqual([]);
  });
});
