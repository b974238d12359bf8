import { describe, expect, test } from '@jest/globals';
import type { Refusal } from '@dibs/shared';
import { askUntilAnswered, type Asker } from './ask-until-answered.js';
import { NoAnswerError } from './link-errors.js';

const TIMING = { timeoutMs: 10, retryFirstMs: 0, retryCapMs: 0 };
const MESSAGE = { jobId: 'j', attempt: 1, claimToken: 't', step: 0, atMs: 1 } as never;
const refusal = (code: Refusal['code'], retryable: boolean): Refusal => ({ ok: false, code, message: '', retryable });

describe('askUntilAnswered', () => {
  test('repeats the same message over lost replies and retryable refusals', async () => {
    const asked: unknown[] = [];
    const answers = [new NoAnswerError(), refusal('E_UNAVAILABLE', true), new NoAnswerError(), { ok: true }];
    const link = asker((message) => {
      asked.push(message);
      return answers.shift();
    });
    const reply = await askUntilAnswered(link, 'step:started', MESSAGE, TIMING, new AbortController().signal);
    expect(reply).toEqual({ ok: true });
    expect(asked).toEqual([MESSAGE, MESSAGE, MESSAGE, MESSAGE]);
  });

  test('a refusal that no repetition changes is an answer', async () => {
    const link = asker(() => refusal('E_FENCED', false));
    const reply = await askUntilAnswered(link, 'step:started', MESSAGE, TIMING, new AbortController().signal);
    expect(reply).toMatchObject({ code: 'E_FENCED' });
  });

  test('a refusal that the caller handles is an answer, retryable or not', async () => {
    const link = asker(() => refusal('E_GAP', true));
    const timing = { ...TIMING, handled: ['E_GAP' as const] };
    const reply = await askUntilAnswered(link, 'step:started', MESSAGE, timing, new AbortController().signal);
    expect(reply).toMatchObject({ code: 'E_GAP' });
  });

  test('stops at once when told to, also in the middle of a request', async () => {
    const stop = new AbortController();
    const link = asker(() => {
      stop.abort();
      return new Promise(() => undefined);
    });
    expect(await askUntilAnswered(link, 'step:started', MESSAGE, TIMING, stop.signal)).toBe('stopped');
  });

  test('an error that is no lost reply is not swallowed', async () => {
    const link = asker(() => new TypeError('a defect'));
    const asking = askUntilAnswered(link, 'step:started', MESSAGE, TIMING, new AbortController().signal);
    await expect(asking).rejects.toThrow('a defect');
  });
});

function asker(answer: (message: unknown) => unknown): Asker {
  return {
    untilUp: () => Promise.resolve(),
    request: async (_event, message) => {
      const result = await answer(message);
      if (result instanceof Error) throw result;
      return result as never;
    },
  };
}
