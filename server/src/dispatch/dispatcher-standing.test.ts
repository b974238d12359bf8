import { afterEach, describe, expect, test } from '@jest/globals';
import type { JobId, OrganizationId } from '@dibs/shared';
import {
  dispatcher,
  acme,
  anything,
  type Fake,
  lane,
  pauses,
  statements,
  makeRoom,
  start,
  connect,
  id,
  add,
  tick,
  waitMs,
} from '../../test/support/dispatcher-fixture.js';
import { laneOf } from '../domain/dispatch/lanes.js';

afterEach(() => dispatcher.onModuleDestroy());

describe('standing claims', () => {
  const standing = (slots = 1, labels: Record<string, string> = {}): Fake => connect(slots, acme, true, labels);
  const granted = (): JobId[] => statements.flat().map(({ job }) => job.jobId);
  const other = 'other' as OrganizationId;

  test('get as many jobs as fit in one statement, best first, and none is offered', async () => {
    start();
    const [one, two] = [standing(3), standing(2)];
    for (let number = 1; number <= 9; number += 1) add(number, number === 9 ? 1 : 0);
    await tick();
    expect(statements).toHaveLength(1);
    expect(granted()).toEqual([9, 1, 2, 3, 4].map(id));
    expect([one.instance.freeSlots, two.instance.freeSlots]).toEqual([0, 0]);
    expect([one.link.offered, two.link.offered]).toEqual([[], []]);
  });

  test('are not used twice, and go on with the next job when one is given back', async () => {
    start();
    const { instance } = standing(1);
    add(1);
    add(2);
    await tick();
    await tick();
    expect(granted()).toEqual([id(1)]);
    dispatcher.notClaimed(id(1), null);
    dispatcher.giveBack(instance, 1);
    await tick();
    expect(granted()).toEqual([id(1), id(2)]);
  });

  test('wait for room in a statement without losing anything', async () => {
    start();
    standing(10);
    makeRoom(0);
    for (let number = 0; number < 6; number += 1) add(number);
    await tick();
    expect(statements).toEqual([]);
    makeRoom(4);
    dispatcher.schedule();
    // the tick finds room for four, and schedules another for the rest
    await tick();
    await tick();
    expect(granted()).toEqual([0, 1, 2, 3, 4, 5].map(id));
    expect(statements.map((each) => each.length)).toEqual([4, 2]);
  });

  test('of thousands of instances cost no more than those of ten: one assignment for each job, spread', async () => {
    start();
    const fakes = Array.from({ length: 5_000 }, () => standing());
    for (let number = 0; number < 100; number += 1) add(number);
    await tick();
    expect(statements.flat()).toHaveLength(100);
    expect(fakes.filter(({ instance }) => instance.usedSlots === 1)).toHaveLength(100);
  });

  test('go to the less loaded of a sample', async () => {
    start();
    const [one, two] = [standing(100), standing(100)];
    for (let number = 0; number < 100; number += 1) add(number);
    await tick();
    expect(Math.abs(one.instance.usedSlots - two.instance.usedSlots)).toBeLessThan(20);
  });

  test('are weighed: a heavy job waits for enough slots, a light one passes it only when it is of another lane', async () => {
    start();
    const heavy = dispatcher.openLane(laneOf(acme, { ...anything, slots: 3 }));
    const { instance } = standing(4);
    dispatcher.add(heavy, { jobId: id(1), priority: 0, rank: 1 });
    dispatcher.add(heavy, { jobId: id(2), priority: 0, rank: 2 });
    dispatcher.add(lane, { jobId: id(3), priority: 0, rank: 3 });
    dispatcher.add(lane, { jobId: id(4), priority: 0, rank: 4 });
    await tick();
    expect(granted()).toEqual([id(1), id(3)]);
    dispatcher.giveBack(instance, 1);
    await tick();
    expect(granted()).toEqual([id(1), id(3), id(4)]);
    dispatcher.giveBack(instance, 3);
    await tick();
    expect(granted()).toEqual([id(1), id(3), id(4), id(2)]);
    expect(instance.freeSlots).toBe(0);
  });

  test('of preferred instances go first, then those of runners with a higher priority, then who is deaf', async () => {
    start();
    const preferring = laneOf(acme, { ...anything, requires: { tools: [], labels: {}, prefers: { disk: 'nvme' } } });
    const wishes = dispatcher.openLane(preferring);
    const fakes = [standing(), standing(), standing(1, { disk: 'nvme' }), standing()] as const;
    const [deaf, plain, preferred, fast] = fakes;
    fast.instance.standing = { ...fast.instance.standing, priority: 5 };
    deaf.instance.deafness = 'It does not answer.';
    for (const { instance } of fakes) dispatcher.rematch(instance);
    for (let number = 0; number < 4; number += 1) {
      dispatcher.add(wishes, { jobId: id(number), priority: 0, rank: number });
    }
    await tick();
    expect(statements.flat().map(({ instance }) => instance)).toEqual(
      [preferred, fast, plain, deaf].map(({ instance }) => instance),
    );
  });

  test('one job of a small organization waits for no more than one turn of one with thousands', async () => {
    start();
    const small = dispatcher.openLane(laneOf(other, anything));
    standing(5_000);
    connect(1, other, true);
    makeRoom(300);
    for (let number = 0; number < 2_000; number += 1) add(number);
    dispatcher.add(small, { jobId: id(900_000), priority: 0, rank: 900_000 });
    await tick();
    expect(granted().indexOf(id(900_000))).toBeLessThanOrEqual(64);
    expect(granted()).toContain(id(900_000));
  });

  test('lanes of one organization take turns by the rank of their best job', async () => {
    start();
    const { instance } = standing(6);
    const pinned = dispatcher.openLane(laneOf(acme, { ...anything, instance: instance.instanceName }));
    for (const [each, rank] of [
      [lane, 1],
      [lane, 4],
      [pinned, 2],
      [pinned, 3],
      [lane, 5],
      [pinned, 6],
    ] as const) {
      dispatcher.add(each, { jobId: id(rank), priority: 0, rank });
    }
    await tick();
    expect(granted()).toEqual([1, 2, 3, 4, 5, 6].map(id));
  });

  test('that become free end the offers of a job, which is granted instead', async () => {
    start();
    const { link } = connect();
    add(1);
    await tick();
    expect(link.offered).toEqual([id(1)]);
    standing();
    await waitMs(40);
    await tick();
    expect(granted()).toEqual([id(1)]);
    expect(link.withdrawn).toEqual([id(1)]);
  });

  test('are held back by a pause of the lane, the organization or the runner, and go on after it', async () => {
    start();
    const { instance } = standing();
    const runnerId = instance.identity.runnerId;
    const targets = [
      { type: 'server' },
      { type: 'organization', id: acme },
      { type: 'lane', organizationId: acme, id: lane.fingerprint },
      { type: 'runner', id: runnerId },
    ] as const;
    for (const [number, target] of targets.entries()) {
      pauses.replace([{ id: 'pause', target, note: 'maintenance', who: 'somebody', since: new Date(0) }]);
      expect(dispatcher.reserve(laneOf(acme, anything))).toBeNull();
      add(number);
      await tick();
      expect(granted()).toHaveLength(number);
      pauses.replace([]);
      await tick();
      expect(granted()).toHaveLength(number + 1);
      dispatcher.giveBack(instance, 1);
    }
  });

  describe('reserved for a job that is about to be stored', () => {
    const here = laneOf(acme, anything);

    test('use their slots until they are given back', () => {
      start();
      const { instance } = standing();
      expect(dispatcher.reserve(here)).toBe(instance);
      expect(dispatcher.reserve(here)).toBeNull();
      dispatcher.giveBack(instance, 1);
      expect(dispatcher.reserve(here)).toBe(instance);
    });

    test('never pass a job that waits: in the window, beyond it, in a read, or in another lane', async () => {
      start();
      const { instance } = standing(2);
      makeRoom(0);
      add(1);
      expect(dispatcher.reserve(here)).toBeNull();
      dispatcher.remove(id(1));
      await tick();
      expect(dispatcher.reserve(here)).toBe(instance);
      dispatcher.giveBack(instance, 1);
      lane.loading = true;
      expect(dispatcher.reserve(here)).toBeNull();
      lane.loading = false;
      dispatcher.onLow = () => undefined;
      lane.cover({ jobId: id(1), priority: 0, rank: 0 });
      expect(dispatcher.reserve(here)).toBeNull();
      lane.cover('all');
      const pinned = dispatcher.openLane(laneOf(acme, { ...anything, instance: instance.instanceName }));
      pinned.cover('all');
      dispatcher.add(pinned, { jobId: id(2), priority: 0, rank: 0 });
      expect(dispatcher.reserve(here)).toBeNull();
    });

    test('are none for lanes that nobody with standing claims serves', () => {
      start();
      connect();
      expect(dispatcher.reserve(here)).toBeNull();
      expect(dispatcher.reserve(laneOf(other, anything))).toBeNull();
    });
  });
});
