import { afterEach, describe, expect, test } from '@jest/globals';
import type { InstanceId, JobId, Offer, OrganizationId, RunnerId, SessionId } from '@dibs/shared';
import { laneOf } from '../domain/dispatch/lanes.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { ConnectedInstance, type InstanceLink } from './connected-instance.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher } from './dispatcher.js';
import type { QueuePosition } from './lane-queue.js';
import { LaneReader } from './lane-reader.js';
import { PauseBook } from './pause-book.js';
import type { QueueRepository } from './queue.repository.js';

const organizationId = 'acme' as OrganizationId;
const lane = laneOf(organizationId, {
  executor: { type: 'shell' },
  requires: { tools: [], labels: {}, prefers: {} },
  runner: null,
  instance: null,
  scope: null,
  slots: 1,
});
const identity = {
  organizationId,
  runnerId: 'runner' as RunnerId,
  runnerName: 'runner',
  instanceId: 'instance' as InstanceId,
  instanceName: 'instance',
  sessionId: 'session' as SessionId,
  slots: 1,
  standing: false,
  tools: new Map<string, string | null>(),
  labels: {},
};
const position = (name: string): QueuePosition => ({ jobId: name as JobId, priority: 0, rank: 0 });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

let dispatcher: Dispatcher;
afterEach(() => dispatcher.onModuleDestroy());

describe('LaneReader', () => {
  test('finds an older job that another server has queued, also while every slot is busy', async () => {
    const stored: QueuePosition[] = [];
    const queue: Partial<QueueRepository> = {
      lanes: () => Promise.resolve([lane.fingerprint]),
      describe: () => Promise.resolve([]),
      waiting: () => Promise.resolve([...stored]),
    };
    dispatcher = new Dispatcher(new DispatchMetrics(new Metrics()), new PauseBook());
    const reader = new LaneReader(queue as QueueRepository, dispatcher);
    const offered: JobId[] = [];
    const link = { offer: (offers: readonly Offer[]) => offered.push(...offers.map(({ jobId }) => jobId)) };
    const instance = new ConnectedInstance(identity, link as unknown as InstanceLink, false);
    instance.usedSlots = 1;
    dispatcher.connect(instance);
    dispatcher.openLane(lane);
    await turn();

    dispatcher.add(dispatcher.laneOf(lane.fingerprint)!, position('job-2'));
    stored.push(position('job-1'), position('job-2'));
    await reader.readAll();
    dispatcher.giveBack(instance, 1);
    await turn();
    expect(offered).toEqual(['job-1']);
  });
});
