import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { tooManyRequests } from '../../platform/errors.js';

const FAILURES_PER_NAME = 10;
const FAILURES_PER_ADDRESS = 100;

/**
 * Slows down guessing. Failures count for (address, name) and for the address, never for the name alone: whoever
 * guesses somebody's secret from elsewhere cannot lock them out. Kept in memory: with several servers a guesser gets
 * that many times more tries, which still leads nowhere.
 */
export class FailureLimiter {
  private readonly perName: RateLimiterMemory;
  private readonly perAddress: RateLimiterMemory;

  constructor(lockoutMs: number) {
    const duration = lockoutMs / 1000;
    this.perName = new RateLimiterMemory({ points: FAILURES_PER_NAME, duration });
    this.perAddress = new RateLimiterMemory({ points: FAILURES_PER_ADDRESS, duration });
  }

  /**
   * Counts a failure, tries, and takes the count back if it was none: counting first keeps tries that run at the same
   * time within the limit.
   *
   * @returns what `attempt` returned; null is a failure
   * @throws AppError 429 when there were too many before
   */
  async guard<T>(ip: string, name: string, attempt: () => Promise<T | null>): Promise<T | null> {
    const address = addressKey(ip);
    const pair = `${address} ${name}`;
    await take(this.perAddress, address);
    await take(this.perName, pair);
    const giveBack = async (): Promise<void> => {
      await this.perAddress.reward(address);
      await this.perName.reward(pair);
    };
    try {
      const result = await attempt();
      if (result !== null) await giveBack();
      return result;
    } catch (error) {
      await giveBack();
      throw error;
    }
  }
}

async function take(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw tooManyRequests('Too many failed attempts. Try again later.', refusal.msBeforeNext / 1000);
  }
}

/** One network of IPv6 has addresses without end; its first 64 bits count as one. */
function addressKey(ip: string): string {
  if (!ip.includes(':') || ip.includes('.')) return ip.replace(/^.*:/, '');
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const tailGroups = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  while (groups.length + tailGroups.length < 8) groups.push('0');
  return `${[...groups, ...tailGroups].slice(0, 4).join(':')}::/64`;
}
