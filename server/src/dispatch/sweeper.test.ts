import { describe, expect, test } from '@jest/globals';
import type { Database } from '../database/database.js';
import type { EventBus } from '../events/event-bus.js';
import { readSettings } from '../platform/settings.js';
import type { ExpiryRepository } from './expiry.repository.js';
import type { LaneReader } from './lane-reader.js';
import type { LossService } from './loss.service.js';
import type { LostAttemptRepository } from './lost-attempt.repository.js';
import { Sweeper } from './sweeper.js';

/** A sweeper of an empty database. @param readAll what reading the queue does */
function sweeperReading(readAll: () => Promise<void>): Sweeper {
  return new Sweeper(
    readSettings({}).timing,
    { transaction: (work: (tx: unknown) => unknown) => Promise.resolve(work({})) } as unknown as Database,
    { lockExpired: () => [], endEach: () => [] } as unknown as LostAttemptRepository,
    { expire: () => Promise.resolve([]) } as unknown as ExpiryRepository,
    { readAll } as unknown as LaneReader,
    { tell: () => undefined } as unknown as LossService,
    {} as EventBus,
  );
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Sweeper', () => {
  test('comes to an end although a runner connects during every read of the queue', async () => {
    let reads = 0;
    const sweeper = sweeperReading(async () => {
      reads += 1;
      await turn();
      if (reads < 1_000) void sweeper.readQueue();
    });
    await sweeper.sweep();
    expect(reads).toBeLessThan(5);
    await sweeper.onModuleDestroy();
  });

  test('reads once more for all who ask while a read is under way', async () => {
    let reads = 0;
    const sweeper = sweeperReading(async () => {
      reads += 1;
      await turn();
    });
    await Promise.all([sweeper.readQueue(), sweeper.readQueue(), sweeper.readQueue()]);
    expect(reads).toBe(2);
  });
});
