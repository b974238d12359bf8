import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { InstanceId, OrganizationId, RunnerId, SessionId } from '@dibs/shared';
import { ConnectedInstance, type InstanceLink, type RunnerStanding } from './connected-instance.js';
import { RunnerSessions } from './runner-sessions.js';

function standing(priority: number, ...stacks: string[]): RunnerStanding {
  const none = { namespaceIds: new Set<string>(), moduleIds: new Set<string>() };
  const stackIds = new Set(stacks);
  return { name: 'fleet', priority, assignments: { everything: stacks.length === 0, stackIds, ...none } };
}

/** Counts how often somebody looks how it stands. */
class Watched extends ConnectedInstance {
  looks = 0;
  override standsAs(other: RunnerStanding): boolean {
    this.looks += 1;
    return super.standsAs(other);
  }
}

function session(stands: RunnerStanding): Watched {
  const identity = {
    organizationId: randomUUID() as OrganizationId,
    runnerId: randomUUID() as RunnerId,
    runnerName: 'fleet',
    instanceId: randomUUID() as InstanceId,
    instanceName: 'pod-1',
    sessionId: randomUUID() as SessionId,
    ...{ slots: 1, standing: true, tools: new Map<string, string | null>(), labels: {} },
  };
  return new Watched(identity, {} as InstanceLink, false, stands);
}

test('a record that says the same costs no look at all of its sessions', () => {
  const sessions = new RunnerSessions();
  const all = Array.from({ length: 1_000 }, () => session(standing(1)));
  for (const one of all) {
    sessions.add(one);
    expect(sessions.stand(standing(1))).toEqual([]);
  }
  expect(all.reduce((looks, one) => looks + one.looks, 0)).toBeLessThanOrEqual(2 * all.length);
});

test('a record that says something else reaches all of them, once', () => {
  const sessions = new RunnerSessions();
  const [one, two] = [session(standing(1)), session(standing(1))];
  for (const each of [one, two]) sessions.add(each);
  expect(sessions.stand(standing(2, 'a'))).toEqual([one, two]);
  expect(sessions.stand(standing(2, 'a'))).toEqual([]);
  expect([one, two].map((each) => each.runnerPriority)).toEqual([2, 2]);
  expect(sessions.stand(standing(2, 'b'))).toEqual([one, two]);
});

test('one that connects with what was read before an edit is found by the next read', () => {
  const sessions = new RunnerSessions();
  const [early, late, last] = [session(standing(1)), session(standing(1)), session(standing(2))];
  sessions.add(early);
  expect(sessions.stand(standing(2))).toEqual([early]);
  sessions.add(late);
  sessions.add(last);
  expect(sessions.stand(standing(2))).toEqual([late]);
  expect(sessions.stand(standing(2))).toEqual([]);
});

test('one that has gone is told nothing', () => {
  const sessions = new RunnerSessions();
  const [one, two] = [session(standing(1)), session(standing(2))];
  for (const each of [one, two]) sessions.add(each);
  expect(sessions.remove(one)).toBe(true);
  expect(sessions.stand(standing(3))).toEqual([two]);
  expect(sessions.remove(two)).toBe(false);
  expect(sessions.stand(standing(4))).toEqual([]);
});
