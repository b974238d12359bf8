import { describe, expect, jest, test } from '@jest/globals';
import { patiently } from './patiently.js';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
const LONG_MS = 60_000;

/** A database that fails in these ways, one after the other, and then takes the connection. */
function database(...codes: string[]) {
  return jest.fn(() => {
    const code = codes.shift();
    return code === undefined ? Promise.resolve('connected') : Promise.reject(withCode(code));
  });
}

describe('patiently', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', '57P03', '53300'])(
    '%s passes: the same is tried again',
    async (code) => {
      const connect = database(code);
      expect(await patiently(connect, { withinMs: LONG_MS, onWaiting: jest.fn() })).toBe('connected');
      expect(connect).toHaveBeenCalledTimes(2);
    },
  );

  test.each([
    ['a wrong password', '28P01'],
    ['a client that is not let in', '28000'],
    ['no such database', '3D000'],
    ['a missing right', '42501'],
  ])('%s stays: it is thrown at once', async (_name, code) => {
    const onWaiting = jest.fn();
    const connect = database(code);
    await expect(patiently(connect, { withinMs: LONG_MS, onWaiting })).rejects.toMatchObject({ code });
    expect(connect).toHaveBeenCalledTimes(1);
    expect(onWaiting).not.toHaveBeenCalled();
  });

  test('it is told at the beginning, not at every try', async () => {
    const onWaiting = jest.fn();
    await patiently(database('ECONNREFUSED', '57P03', '57P03'), { withinMs: LONG_MS, onWaiting });
    expect(onWaiting.mock.calls).toEqual([[expect.objectContaining({ code: 'ECONNREFUSED' })]]);
  });

  test('the time is bounded; without any there is one try', async () => {
    const connect = database('ECONNREFUSED', '57P03');
    await expect(patiently(connect, { withinMs: 0, onWaiting: jest.fn() })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await expect(
      patiently(() => Promise.reject(withCode('57P03')), { withinMs: 300, onWaiting: jest.fn() }),
    ).rejects.toMatchObject({ code: '57P03' });
  });

  test('the wait ends when it is told to', async () => {
    const stop = new AbortController();
    const onWaiting = () => stop.abort(new Error('stopped'));
    const waiting = patiently(() => Promise.reject(withCode('57P03')), {
      withinMs: LONG_MS,
      onWaiting,
      signal: stop.signal,
    });
    await expect(waiting).rejects.toThrow('stopped');
  });
});
