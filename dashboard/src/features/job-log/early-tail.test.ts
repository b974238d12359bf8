import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { LogPage } from '@dibs/shared';
import { QueryClient } from '@tanstack/react-query';
import { logTailQuery, type LogRange } from '../../api/logs';
import { withEarlyTail } from './early-tail';

const TAIL = { tail: 10 } as const;

describe('the end of a log that was asked for early', () => {
  const client = new QueryClient();
  const { signal } = new AbortController();
  afterEach(() => {
    client.clear();
    jest.restoreAllMocks();
  });

  /** @returns a reader of attempt 2, and what it had to ask for by itself */
  function reader() {
    const asked: LogRange[] = [];
    const read = withEarlyTail(client, 'job', 2, (range) => {
      asked.push(range);
      return Promise.resolve(page(2, 'asked for now'));
    });
    return { read, asked };
  }

  function answerEarly(response: () => Response): Promise<void> {
    jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(response()));
    return client.prefetchQuery(logTailQuery('job'));
  }

  test('is taken once', async () => {
    void answerEarly(() => Response.json(page(2, 'asked for early')));
    const { read, asked } = reader();
    expect((await read(TAIL, signal)).items[0]?.text).toBe('asked for early');
    expect((await read(TAIL, signal)).items[0]?.text).toBe('asked for now');
    expect(asked).toEqual([TAIL]);
  });

  test.each([
    ['of another attempt', () => Response.json(page(1, 'asked for early'))],
    ['refused', () => Response.json({ code: 'unauthorized', detail: 'Nobody.' }, { status: 401 })],
  ])('is asked for again when it is %s', async (_why, response) => {
    await answerEarly(response);
    const { read, asked } = reader();
    expect((await read(TAIL, signal)).items[0]?.text).toBe('asked for now');
    expect(asked).toEqual([TAIL]);
  });

  test('is nothing to a page that was not opened by its address', async () => {
    const { read, asked } = reader();
    await read(TAIL, signal);
    expect(asked).toEqual([TAIL]);
  });
});

function page(attempt: number, text: string): LogPage {
  const items = [{ seq: 1, at: '2026-01-01T00:00:00.000Z', step: 0, stream: 'stdout', text }] as const;
  return { items, attempt, lastSeq: 1, complete: false, nextAfter: 1, nextBefore: 1 };
}
