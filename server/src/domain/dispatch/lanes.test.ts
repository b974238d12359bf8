import { describe, expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import { laneOf, storedLane, type Demands } from './lanes.js';

const acme = '0197a000-0000-7000-8000-000000000001' as OrganizationId;
const other = '0197a000-0000-7000-8000-000000000002' as OrganizationId;
const demands: Demands = {
  executor: { type: 'shell' },
  requires: { tools: ['terraform', 'git'], labels: { zone: 'eu', disk: 'ssd' }, prefers: {} },
  runner: null,
  instance: null,
  slots: 1,
  scope: null,
};
const scope = { stackId: '0197a000-0000-7000-8000-000000000010', namespaceId: null, moduleId: null };

describe('laneOf', () => {
  test('does not depend on the order in which the demands are written', () => {
    const shuffled = {
      ...demands,
      requires: { tools: ['git', 'terraform', 'git'], labels: { disk: 'ssd', zone: 'eu' }, prefers: {} },
    };
    expect(laneOf(acme, shuffled)).toEqual(laneOf(acme, demands));
  });

  test('stays what it is: fingerprints are stored with queued jobs', () => {
    expect(laneOf(acme, demands).fingerprint).toBe('QACUtjgUS37hcUozSSaz0NSkU6hnQz_V');
  });

  test.each<[string, Demands]>([
    ['runner', { ...demands, runner: 'pool' }],
    ['instance', { ...demands, instance: 'pool' }],
    ['tools', { ...demands, requires: { ...demands.requires, tools: ['git'] } }],
    ['label value', { ...demands, requires: { ...demands.requires, labels: { zone: 'us', disk: 'ssd' } } }],
    ['label key', { ...demands, requires: { ...demands.requires, labels: { area: 'eu', disk: 'ssd' } } }],
    ['scope', { ...demands, scope }],
    ['preference', { ...demands, requires: { ...demands.requires, prefers: { disk: 'nvme' } } }],
    ['number of slots', { ...demands, slots: 2 }],
  ])('tells jobs with another %s apart', (_what, changed) => {
    expect(laneOf(acme, changed).fingerprint).not.toBe(laneOf(acme, demands).fingerprint);
  });

  test('never puts two organizations into one lane', () => {
    expect(laneOf(other, demands).fingerprint).not.toBe(laneOf(acme, demands).fingerprint);
  });

  test('cannot be confused by names that look like the canonical form', () => {
    const tricky = laneOf(acme, { ...demands, requires: { tools: ['git","terraform'], labels: {}, prefers: {} } });
    const plain = laneOf(acme, { ...demands, requires: { tools: ['git', 'terraform'], labels: {}, prefers: {} } });
    expect(tricky.fingerprint).not.toBe(plain.fingerprint);
  });

  test('keeps the name of a stored job, whatever release has stored it', () => {
    const { executor, runner, instance, requires } = demands;
    const { tools, labels } = requires;
    const old = storedLane('of-old', acme, { executor, runner, instance, requires: { tools, labels } });
    expect(old).toEqual({ ...laneOf(acme, demands), fingerprint: 'of-old' });
  });
});
