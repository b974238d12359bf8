import { describe, expect, test } from '@jest/globals';
import type { HeldAttempt, Refusal } from '@dibs/shared';
import { StepReports } from './step-reports.js';

const HELD = { jobId: 'job', attempt: 1, claimToken: 'token' } as unknown as HeldAttempt;
const DONE = { state: 'succeeded', exitCode: 0, signal: null, cause: 'exited' } as const;

describe('StepReports', () => {
  test('one message at a time, in order', async () => {
    const sent: string[] = [];
    const answers: ((answer: { ok: true }) => void)[] = [];
    const ask = (name: string) => (message: { step: number }) => {
      sent.push(`${name} ${message.step}`);
      return new Promise<{ ok: true }>((resolve) => answers.push(resolve));
    };
    const reports = new StepReports({
      held: HELD,
      askStarted: ask('started'),
      askFinished: ask('finished'),
      onRefused: () => undefined,
    });
    const first = reports.started(0);
    reports.finished(0, DONE);
    const second = reports.started(1);
    await Promise.resolve();
    expect(sent).toEqual(['started 0']);
    answers[0]?.({ ok: true });
    expect(await first).toBe(true);
    await Promise.resolve();
    expect(sent).toEqual(['started 0', 'finished 0']);
    expect(reports.pending()).toHaveLength(1);
    answers[1]?.({ ok: true });
    await new Promise(setImmediate);
    expect(reports.pending()).toHaveLength(0);
    answers[2]?.({ ok: true });
    expect(await second).toBe(true);
  });

  test('a refused start is no start, and the refusal is told', async () => {
    const refusals: Refusal[] = [];
    const fenced: Refusal = { ok: false, code: 'E_FENCED', message: '', retryable: false };
    const reports = new StepReports({
      held: HELD,
      askStarted: () => Promise.resolve(fenced),
      askFinished: () => Promise.resolve('stopped'),
      onRefused: (refusal) => refusals.push(refusal),
    });
    expect(await reports.started(0)).toBe(false);
    expect(refusals).toEqual([fenced]);
  });

  test('a finish that was never answered is kept for the result', async () => {
    const reports = new StepReports({
      held: HELD,
      askStarted: () => Promise.resolve({ ok: true }),
      askFinished: () => Promise.resolve('stopped'),
      onRefused: () => undefined,
    });
    reports.finished(0, DONE);
    await reports.settled();
    expect(reports.pending()).toMatchObject([{ jobId: 'job', step: 0, state: 'succeeded', exitCode: 0 }]);
  });
});
