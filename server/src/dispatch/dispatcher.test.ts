import { afterEach, describe, expect, test } from '@jest/globals';
import type { InstanceId, JobId, Offer, OrganizationId, RunnerId, SessionId } from '@dibs/shared';
import { laneOf, type Demands } from '../domain/dispatch/lanes.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { ConnectedInstance, type InstanceLink } from './connected-instance.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher, type Assignment } from './dispatcher.js';
import { PauseBook } from './pause-book.js';
import { WINDOW_SIZE, type LaneQueue } from './lane-queue.js';

const acme = 'acme' as OrganizationId;
const anything: Demands = {
  executor: { type: 'shell' },
  requires: { tools: [], labels: {}, prefers: {} },
  runner: null,
  instance: null,
  scope: null,
  slots: 1,
};

class RecordingLink implements InstanceLink {
  readonly messages: JobId[][] = [];
  readonly withdrawn: JobId[] = [];
  offer(offers: readonly Offer[]): void {
    this.messages.push(offers.map((offer) => offer.jobId));
  }
  withdraw(jobIds: readonly JobId[]): void {
    this.withdrawn.push(...jobIds);
  }
  get offered(): JobId[] {
    return this.messages.flat();
  }
  grant(): void {}
  cancel(): void {}
  watched(): void {}
  drain(): void {}
  isAlive(): Promise<boolean> {
    return Promise.resolve(true);
  }
  end(): void {}
}

interface Fake {
  readonly instance: ConnectedInstance;
  readonly link: RecordingLink;
}

let dispatcher: Dispatcher;
let lane: LaneQueue;
const reads: LaneQueue[] = [];
let pauses: PauseBook;
/** What went to the database, statement by statement, and how much the next one holds. */
const statements: (readonly Assignment[])[] = [];
let room = Infinity;

/** A dispatcher whose only lane covers everything, as after a complete read. */
function start(): void {
  pauses = new PauseBook();
  dispatcher = new Dispatcher(new DispatchMetrics(new Metrics()), pauses);
  reads.length = 0;
  statements.length = 0;
  room = Infinity;
  dispatcher.granting = {
    get room() {
      return room;
    },
    grant: (assignments) => void statements.push(assignments),
  };
  dispatcher.onLow = (each) => {
    reads.push(each);
    each.cover('all');
  };
  lane = dispatcher.openLane(laneOf(acme, anything));
}

function connect(slots = 1, organizationId = acme, standing = false, labels: Record<string, string> = {}): Fake {
  const link = new RecordingLink();
  const name = `instance-${Math.random()}`;
  const identity = {
    organizationId,
    runnerId: 'runner' as RunnerId,
    runnerName: 'runner',
    instanceId: name as InstanceId,
    instanceName: name,
    sessionId: name as SessionId,
    slots,
    standing,
    tools: new Map<string, string | null>(),
    labels,
  };
  const instance = new ConnectedInstance(identity, link, false);
  dispatcher.connect(instance);
  return { instance, link };
}

const id = (number: number): JobId => `job-${String(number).padStart(6, '0')}` as JobId;
const add = (number: number, priority = 0): void =>
  dispatcher.add(lane, { jobId: id(number), priority, rank: -priority });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const waitMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the claim service does with a claim that wins. */
function win({ instance }: Fake, number: number): void {
  dispatcher.take(id(number), 'claim' as never, instance, 1);
  instance.hold(id(number), 1);
  dispatcher.claimed(id(number), 'claim' as never, acme);
}

function release({ instance }: Fake, number: number): void {
  instance.current.delete(id(number));
  dispatcher.giveBack(instance, 1);
}

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
    const before = dispatcher.takenSerial;
    add(1);
    dispatcher.take(id(1), 'claim' as never, fake.instance, 1);
    add(1);
    expect(dispatcher.find(id(1))).toBeUndefined();
    expect(dispatcher.wasTakenSince(before, id(1))).toBe(true);
    dispatcher.claimed(id(1), 'claim' as never, acme);
    expect(dispatcher.wasTakenSince(before, id(1))).toBe(true);
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
    room = 0;
    for (let number = 0; number < 6; number += 1) add(number);
    await tick();
    expect(statements).toEqual([]);
    room = 4;
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
    room = 300;
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
      room = 0;
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
