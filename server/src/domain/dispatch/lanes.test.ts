import { describe, expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import { laneOf, type Demands } from './lanes.js';

const acme = '0197a000-0000-7000-8000-000000000001' as OrganizationId;
const other = '0197a000-0000-7000-8000-000000000002' as OrganizationId;
const demands: Demands = {
  executor: { type: 'shell' },
  requires: { tools: ['terraform', 'git'], labels: { zone: 'eu', disk: 'ssd' }, prefers: {} },
  runner: null,
  instance: null,
};

describe('laneOf', () => {
  test('does not depend on the order in which the demands are written', () => {
    const shuffled = {
      ...demands,
      requires: { tools: ['git', 'terraform', 'git'], labels: { disk: 'ssd', zone: 'eu' }, prefers: {} },
    };
    expect(laneOf(acme, shuffled)).toEqual(laneOf(acme, demands));
  });

  test('stays what it is: fingerprints are stored with queued jobs', () => {
    expect(laneOf(acme, demands).fingerprint).toBe('pYGz0MOv9LdmMJZrpeRTd3u_PVMjaToI');
  });

  test.each<[string, Demands]>([
    ['runner', { ...demands, runner: 'pool' }],
    ['instance', { ...demands, instance: 'pool' }],
    ['tools', { ...demands, requires: { ...demands.requires, tools: ['git'] } }],
    ['label value', { ...demands, requires: { ...demands.requires, labels: { zone: 'us', disk: 'ssd' } } }],
    ['label key', { ...demands, requires: { ...demands.requires, labels: { area: 'eu', disk: 'ssd' } } }],
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
});
