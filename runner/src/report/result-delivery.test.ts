import { describe, expect, test } from '@jest/globals';
import type { JobFinished, Refusal } from '@dibs/shared';
import { pino } from 'pino';
import { deliverResult, type ResultDeliveryOptions } from './result-delivery.js';

const FINISHED = { jobId: 'job', attempt: 1, outcome: 'succeeded', lastSeq: 3 } as unknown as JobFinished;
const refusal = (code: Refusal['code']): Refusal => ({ ok: false, code, message: '', retryable: code === 'E_GAP' });

describe('deliverResult', () => {
  const deliver = (answers: (Refusal | { ok: true } | 'stopped')[], more: Partial<ResultDeliveryOptions> = {}) => {
    const calls: string[] = [];
    const note = <Value>(call: string, value: Value): Promise<Value> => {
      calls.push(call);
      return Promise.resolve(value);
    };
    const delivery = deliverResult({
      finished: () => FINISHED,
      logDrained: () => note('log', true),
      stepsSettled: () => note('steps', undefined),
      ask: () => note('result', answers.shift() ?? refusal('E_INTERNAL')),
      resync: () => note('resync', undefined),
      log: pino({ level: 'silent' }),
      ...more,
    });
    return { delivery, calls };
  };

  test('sends the log, then the steps, then the result', async () => {
    const { delivery, calls } = deliver([{ ok: true }]);
    expect(await delivery).toBe('accepted');
    expect(calls).toEqual(['log', 'steps', 'result']);
  });

  test('ships the log again when the server lacks lines', async () => {
    const { delivery, calls } = deliver([refusal('E_GAP'), { ok: true }]);
    expect(await delivery).toBe('accepted');
    expect(calls).toEqual(['log', 'steps', 'result', 'resync', 'log', 'steps', 'result']);
  });

  test.each(['E_FENCED', 'E_TERMINAL', 'E_NOT_FOUND', 'E_VALIDATION'] as const)('%s: dropped', async (code) => {
    expect(await deliver([refusal(code)]).delivery).toBe('dropped');
  });

  test('a log that cannot be shipped and a server that wants it: dropped, not tried for ever', async () => {
    const { delivery } = deliver([refusal('E_GAP')], { logDrained: () => Promise.resolve(false) });
    expect(await delivery).toBe('dropped');
  });

  test('lines that the server lost after it acknowledged them do not keep the attempt for ever', async () => {
    const { delivery, calls } = deliver(Array.from({ length: 20 }, () => refusal('E_GAP')));
    expect(await delivery).toBe('dropped');
    expect(calls.filter((call) => call === 'resync')).toHaveLength(5);
  });

  test('a stop leaves it to the next process', async () => {
    expect(await deliver(['stopped']).delivery).toBe('stopped');
  });
});
