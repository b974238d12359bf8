import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../platform/errors.js';
import { FailureLimiter } from './failure-limiter.js';

const fail = (): Promise<null> => Promise.resolve(null);
const succeed = (): Promise<string> => Promise.resolve('in');

async function outcome(limiter: FailureLimiter, ip: string, name: string, attempt = fail): Promise<unknown> {
  try {
    return await limiter.guard<string>(ip, name, attempt);
  } catch (error) {
    return (error as AppError).status;
  }
}

async function failTimes(limiter: FailureLimiter, times: number, ip: string, name: string): Promise<unknown[]> {
  return Promise.all(Array.from({ length: times }, () => outcome(limiter, ip, name)));
}

describe('FailureLimiter', () => {
  test('after ten failures even the right answer waits, and is told how long', async () => {
    const limiter = new FailureLimiter(60_000);
    const outcomes = await failTimes(limiter, 12, '192.0.2.1', 'a');
    expect(outcomes.filter((each) => each === null)).toHaveLength(10);
    expect(outcomes.filter((each) => each === 429)).toHaveLength(2);
    await expect(limiter.guard('192.0.2.1', 'a', succeed)).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    });
  });

  test('others are not locked out: neither the name elsewhere nor other names there', async () => {
    const limiter = new FailureLimiter(60_000);
    await failTimes(limiter, 12, '192.0.2.1', 'a');
    expect(await limiter.guard('192.0.2.2', 'a', succeed)).toBe('in');
    expect(await limiter.guard('192.0.2.1', 'b', succeed)).toBe('in');
  });

  test('trying many names is limited too', async () => {
    const limiter = new FailureLimiter(60_000);
    for (let index = 0; index < 100; index += 1) await outcome(limiter, '192.0.2.1', `name-${index}`);
    expect(await outcome(limiter, '192.0.2.1', 'another')).toBe(429);
  });

  test('successes and errors of ours do not count', async () => {
    const limiter = new FailureLimiter(60_000);
    for (let index = 0; index < 30; index += 1) await limiter.guard('192.0.2.1', 'a', succeed);
    const broken = (): Promise<string> => Promise.reject(new AppError(503, 'database_unavailable', 'away'));
    for (let index = 0; index < 30; index += 1) {
      await expect(limiter.guard('192.0.2.1', 'a', broken)).rejects.toMatchObject({ status: 503 });
    }
    expect(await limiter.guard('192.0.2.1', 'a', succeed)).toBe('in');
  });

  test('one IPv6 network counts as one address, and IPv4 in IPv6 as itself', async () => {
    const limiter = new FailureLimiter(60_000);
    for (let index = 1; index <= 12; index += 1) await outcome(limiter, `2001:db8:1:2::${index}`, 'a');
    expect(await outcome(limiter, '2001:db8:1:2:ffff::1', 'a')).toBe(429);
    expect(await outcome(limiter, '2001:db8:1:3::1', 'a')).toBeNull();
    await failTimes(limiter, 12, '::ffff:192.0.2.7', 'a');
    expect(await outcome(limiter, '192.0.2.7', 'a')).toBe(429);
    expect(await outcome(limiter, '::ffff:192.0.2.8', 'a')).toBeNull();
  });
});
