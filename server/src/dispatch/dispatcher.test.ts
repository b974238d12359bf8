import { afterEach, describe, expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import {
  dispatcher,
  acme,
  anything,
  lane,
  reads,
  start,
  connect,
  id,
  add,
  tick,
  waitMs,
  win,
  release,
} from '../../test/support/dispatcher-fixture.js';
import { laneOf } from '../domain/dispatch/lanes.js';
import { WINDOW_SIZE } from './lane-queue.js';

afterEach(() => dispatcher.onModuleDestroy());

describe('the dispatcher', () => {
  test('offers one job to few idle instances, and to each once', async () => {
    start();
    const fakes = [connect(), connect(), connect()];
    add(1);
    add(1);
    await tick();
    expect(fakes.map(({ link }) => link.messages)).toEqual([[[id(1)]], [[id(1)]], [[id(1)]]]);
  });

  test('asks a bounded number of many, and more of them while nobody claims', async () => {
    start();
    const fakes = Array.from({ length: 200 }, () => connect());
    const asked = (): number => fakes.filter(({ link }) => link.offered.length > 0).length;
    add(1);
    await tick();
    expect(asked()).toBe(4);
    await waitMs(40);
    expect(asked()).toBeGreaterThan(4);
    expect(asked()).toBeLessThan(100);
  });

  test('does the same work for a job whether 10 or 5,000 instances are idle', async () => {
    start();
    const fakes = Array.from({ length: 5_000 }, () => connect());
    for (let number = 0; number < 100; number += 1) add(number);
    await tick();
    // two more rounds may have begun on a busy machine
    expect(fakes.reduce((sum, { link }) => sum + link.offered.length, 0)).toBeLessThanOrEqual(100 * (4 + 4 + 8));
  });

  test('gives every free slot another job while jobs outnumber slots, several in one message', async () => {
    start();
    const [wide, narrow] = [connect(3), connect(1)];
    for (let number = 1; number <= 10; number += 1) add(number);
    await tick();
    expect([wide.link.messages.length, narrow.link.messages.length]).toEqual([1, 1]);
    expect([...wide.link.offered, ...narrow.link.offered].sort()).toEqual([id(1), id(2), id(3), id(4)]);
  });

  test('offers a freed slot the best waiting job: priority, then age, over all lanes', async () => {
    start();
    const fake = connect();
    const pinned = dispatcher.openLane(laneOf(acme, { ...anything, instance: fake.instance.instanceName }));
    add(1);
    await tick();
    win(fake, 1);
    add(3);
    add(2);
    add(4, 7);
    dispatcher.add(pinned, { jobId: id(5), priority: 9, rank: -9 });
    await tick();
    for (const number of [1, 5, 4, 2]) {
      release(fake, number);
      await tick();
      win(fake, Number(fake.link.offered.at(-1)!.slice(-6)));
    }
    expect(fake.link.offered).toEqual([id(1), id(5), id(4), id(2), id(3)]);
  });

  test('withdraws a taken job from the losers, who get the next one', async () => {
    start();
    const [winner, loser] = [connect(), connect()];
    add(1);
    await tick();
    win(winner, 1);
    add(2);
    await tick();
    expect(loser.link.withdrawn).toEqual([id(1)]);
    expect(winner.link.withdrawn).toEqual([]);
    expect([winner.link.offered, loser.link.offered]).toEqual([[id(1)], [id(1), id(2)]]);
  });

  test('offers what a gone instance leaves unanswered to somebody else', async () => {
    start();
    const gone = connect();
    add(1);
    await tick();
    const next = connect();
    dispatcher.disconnect(gone.instance);
    await tick();
    expect(next.link.offered).toEqual([id(1)]);
  });

  test('offers a job again whose claim the database did not grant', async () => {
    start();
    const fake = connect();
    add(1);
    await tick();
    dispatcher.take(id(1), 'claim' as never, fake.instance, 1);
    dispatcher.notClaimed(id(1), { lane, priority: 0, rank: 0 });
    dispatcher.giveBack(fake.instance, 1);
    await tick();
    expect(fake.link.offered).toEqual([id(1), id(1)]);
  });

  test('does not believe an old read of the queue about a job that is being claimed', async () => {
    start();
    const fake = connect(2);
    add(1);
    dispatcher.take(id(1), 'claim' as never, fake.instance, 1);
    add(1);
    expect(dispatcher.find(id(1))).toBeUndefined();
    // a read that begins now still finds it queued
    const before = dispatcher.takenSerial;
    dispatcher.claimed(id(1), 'claim' as never, acme);
    dispatcher.add(lane, { jobId: id(1), priority: 0, rank: 0 }, before);
    expect(dispatcher.find(id(1))).toBeUndefined();
    await tick();
    expect(fake.link.offered).toEqual([]);
  });

  test('never offers to a draining instance, nor across organizations', async () => {
    start();
    const [draining, foreign] = [connect(), connect(1, 'other' as OrganizationId)];
    draining.instance.draining = true;
    dispatcher.refresh(draining.instance);
    add(1);
    await tick();
    expect([draining.link.messages, foreign.link.messages]).toEqual([[], []]);
  });

  test('keeps a bounded window of a long queue, and reads on when it runs low', async () => {
    start();
    const fake = connect(1);
    for (let number = 0; number < WINDOW_SIZE + 100; number += 1) add(number);
    expect(lane.waiting).toHaveLength(WINDOW_SIZE);
    expect(lane.covers({ jobId: id(WINDOW_SIZE + 200), priority: 0, rank: 0 })).toBe(false);
    reads.length = 0;
    for (let number = 0; number < WINDOW_SIZE - 100; number += 1) dispatcher.remove(id(number));
    expect(reads).toContain(lane);
    await tick();
    expect(fake.link.offered).toEqual([id(WINDOW_SIZE - 100)]);
  });

  test('keeps nothing in memory for lanes nobody here serves', () => {
    start();
    const other = dispatcher.openLane(laneOf(acme, { ...anything, runner: 'elsewhere' }));
    for (let number = 0; number < 10; number += 1) dispatcher.add(other, { jobId: id(number), priority: 0, rank: 0 });
    expect([...other.waiting]).toEqual([]);
    expect(reads).not.toContain(other);
  });

  test('goes on offering a job whose claim failed after its lane was dropped as idle', async () => {
    start();
    const first = connect();
    add(1);
    await tick();
    dispatcher.take(id(1), 'claim' as never, first.instance, 1);
    for (let number = 0; number < 300; number += 1) {
      dispatcher.openLane(laneOf(acme, { ...anything, runner: `elsewhere-${number}` }));
    }
    dispatcher.notClaimed(id(1), { lane, priority: 0, rank: 0 });
    dispatcher.disconnect(first.instance);
    const second = connect();
    await tick();
    expect(second.link.offered).toEqual([id(1)]);
  });
});
