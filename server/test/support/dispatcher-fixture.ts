import type { InstanceId, JobId, Offer, OrganizationId, RunnerId, SessionId } from '@dibs/shared';
import { ConnectedInstance, type InstanceLink } from '../../src/dispatch/connected-instance.js';
import { DispatchMetrics } from '../../src/dispatch/dispatch-metrics.js';
import { Dispatcher, type Assignment } from '../../src/dispatch/dispatcher.js';
import type { LaneQueue } from '../../src/dispatch/lane-queue.js';
import { PauseBook } from '../../src/dispatch/pause-book.js';
import { laneOf, type Demands } from '../../src/domain/dispatch/lanes.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';

export const acme = 'acme' as OrganizationId;
export const anything: Demands = {
  executor: { type: 'shell' },
  requires: { tools: [], labels: {}, prefers: {} },
  runner: null,
  instance: null,
  scope: null,
  slots: 1,
};

export class RecordingLink implements InstanceLink {
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
  look(): Promise<unknown> {
    return Promise.reject(new Error('it does not look at sources'));
  }
  isAlive(): Promise<boolean> {
    return Promise.resolve(true);
  }
  end(): void {}
}

export interface Fake {
  readonly instance: ConnectedInstance;
  readonly link: RecordingLink;
}

export let dispatcher: Dispatcher;
export let lane: LaneQueue;
export const reads: LaneQueue[] = [];
export let pauses: PauseBook;
/** What went to the database, statement by statement, and how much the next one holds. */
export const statements: (readonly Assignment[])[] = [];
let room = Infinity;
export const makeRoom = (jobs: number): void => void (room = jobs);

/** A dispatcher whose only lane covers everything, as after a complete read. */
export function start(): void {
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

export function connect(slots = 1, organizationId = acme, standing = false, labels: Record<string, string> = {}): Fake {
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

export const id = (number: number): JobId => `job-${String(number).padStart(6, '0')}` as JobId;
export const add = (number: number, priority = 0): void =>
  dispatcher.add(lane, { jobId: id(number), priority, rank: -priority });
export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
export const waitMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the claim service does with a claim that wins. */
export function win({ instance }: Fake, number: number): void {
  dispatcher.take(id(number), 'claim' as never, instance, 1);
  instance.hold(id(number), 1);
  dispatcher.claimed(id(number), 'claim' as never, acme);
}

export function release({ instance }: Fake, number: number): void {
  instance.current.delete(id(number));
  dispatcher.giveBack(instance, 1);
}
