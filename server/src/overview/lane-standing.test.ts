import { describe, expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import type { InstanceFacts } from '../domain/dispatch/eligibility.js';
import { laneOf } from '../domain/dispatch/lanes.js';
import { standingOf } from './lane-standing.js';

const organizationId = 'o' as OrganizationId;
const { requirements } = laneOf(organizationId, {
  executor: { type: 'shell' },
  requires: { tools: ['git'], labels: {}, prefers: {} },
  runner: null,
  instance: null,
  scope: null,
  slots: 1,
});

function instance(more: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    organizationId,
    runnerName: 'pool',
    runnerDisabled: false,
    assignments: { everything: true, stackIds: new Set(), namespaceIds: new Set(), moduleIds: new Set() },
    instanceName: 'pool-0',
    online: true,
    draining: false,
    paused: null,
    unresponsive: false,
    slots: 2,
    freeSlots: 2,
    tools: new Map([['git', null]]),
    labels: {},
    ...more,
  };
}

describe('what becomes of the jobs of a lane', () => {
  const offline = instance({ online: false });
  const draining = instance({ draining: true });
  const full = instance({ freeSlots: 0 });
  const disabled = instance({ runnerDisabled: true });
  const without = instance({ tools: new Map() });

  test.each([
    ['served', [offline, instance(), instance()], '2 runners can take the next one now.'],
    ['busy', [offline, full, without], 'The runner that could take it has no free slot.'],
    [
      'no_runner_online',
      [offline, offline, draining, without],
      'Of the runners that fit none can take one: 2 offline, 1 draining.',
    ],
    ['no_runner_matches', [without], 'No known runner could ever take such jobs.'],
    [
      'no_runner_matches',
      [without, disabled],
      'No known runner could ever take such jobs. Those that fit are disabled.',
    ],
    ['no_runner_matches', [], 'No known runner could ever take such jobs.'],
  ] as const)('%s', (standing, instances, text) => {
    expect(standingOf(requirements, instances, null)).toEqual({ standing, text });
  });

  test('a pause comes before everything else', () => {
    expect(standingOf(requirements, [instance()], 'Paused: audit')).toEqual({
      standing: 'paused',
      text: 'Paused: audit',
    });
  });

  test('a runner that is paused is no runner that is there', () => {
    expect(standingOf(requirements, [instance({ paused: 'audit' })], null).standing).toBe('no_runner_online');
  });
});
