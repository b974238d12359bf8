import { describe, expect, test } from '@jest/globals';
import type { JobId, OrganizationId } from '@dibs/shared';
import type { LogCutRepository } from './log-cut.repository.js';
import { LogLimit } from './log-limit.js';
import type { OrganizationLogLimits } from './organization-log-limits.js';

const MIB = 1024 * 1024;
const job = 'job' as JobId;
const organizationId = 'organization' as OrganizationId;

/** A log in the database that can be held while it is cut. */
class StoredLog {
  bytes = 0;
  cuts = 0;
  isAway = false;
  private go: () => void = () => undefined;
  private held: Promise<void> = Promise.resolve();

  hold(): void {
    this.held = new Promise((resolve) => (this.go = resolve));
  }

  release(): void {
    this.go();
  }

  async storedBytes(): Promise<number> {
    await this.held;
    return this.bytes;
  }

  cut(_job: JobId, _attempt: number, head: number, tail: number): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('the database is away'));
    this.cuts += 1;
    this.bytes = Math.min(this.bytes, head + tail);
    return Promise.resolve();
  }
}

function limited(): { stored: StoredLog; limit: LogLimit; grow: (bytes: number, firstSeq?: number) => void } {
  const stored = new StoredLog();
  const limits = { bytesOf: () => MIB } as unknown as OrganizationLogLimits;
  const limit = new LogLimit(stored as unknown as LogCutRepository, limits);
  const grow = (bytes: number, firstSeq = stored.bytes + 1): void => {
    stored.bytes += bytes;
    limit.grew({ organizationId, jobId: job, attempt: 1, firstSeq }, bytes);
  };
  return { stored, limit, grow };
}

async function isHeld(limit: LogLimit, of = job): Promise<boolean> {
  let held = true;
  void limit.room(of).then(() => (held = false));
  for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
  return held;
}

describe('a log', () => {
  test('within its limit is left alone; beyond it, it is cut', async () => {
    const { stored, limit, grow } = limited();
    grow(MIB);
    await limit.settled(job);
    expect(stored.cuts).toBe(0);
    grow(1);
    await limit.settled(job);
    expect(stored).toMatchObject({ cuts: 1, bytes: (MIB * 7) / 8 });
    grow(MIB / 8);
    await limit.settled(job);
    expect(stored.cuts).toBe(1);
  });

  test('that grows faster than it is cut is held back, and no other one', async () => {
    const { stored, limit, grow } = limited();
    stored.hold();
    grow(MIB + 1);
    expect(await isHeld(limit)).toBe(false);
    grow(MIB / 16);
    expect(await isHeld(limit)).toBe(true);
    expect(await isHeld(limit, 'another' as JobId)).toBe(false);
    stored.release();
    await limit.room(job);
    await limit.settled(job);
    expect(stored.cuts).toBe(1);
    expect(await isHeld(limit)).toBe(false);
  });

  test('whose beginning another server stored is measured first', async () => {
    const { stored, limit, grow } = limited();
    stored.bytes = MIB;
    grow(10);
    await limit.settled(job);
    expect(stored.cuts).toBe(1);
  });

  test('that could not be cut is tried again with what comes next', async () => {
    const { stored, limit, grow } = limited();
    stored.isAway = true;
    grow(2 * MIB);
    await limit.settled(job);
    expect(await isHeld(limit)).toBe(false);
    stored.isAway = false;
    grow(1);
    await limit.settled(job);
    expect(stored.cuts).toBe(1);
  });

  test('of a new attempt begins anew', async () => {
    const { stored, limit, grow } = limited();
    grow(MIB);
    limit.grew({ organizationId, jobId: job, attempt: 2, firstSeq: 1 }, 100);
    limit.grew({ organizationId, jobId: job, attempt: 1, firstSeq: 9 }, MIB);
    await limit.settled(job);
    expect(stored.cuts).toBe(0);
  });
});
