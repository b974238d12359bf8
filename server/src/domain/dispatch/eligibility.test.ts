import { describe, expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import { explain, fits, type IneligibleReason, type InstanceFacts } from './eligibility.js';
import type { LaneRequirements } from './lanes.js';

const acme = '0197a000-0000-7000-8000-000000000001' as OrganizationId;
const other = '0197a000-0000-7000-8000-000000000002' as OrganizationId;
const instance: InstanceFacts = {
  organizationId: acme,
  runnerName: 'pool',
  runnerDisabled: false,
  instanceName: 'pool-0',
  online: true,
  draining: false,
  freeSlots: 1,
  tools: new Set(['git', 'terraform']),
  labels: { zone: 'eu' },
};
const lane: LaneRequirements = {
  organizationId: acme,
  executor: 'shell',
  runner: 'pool',
  instance: 'pool-0',
  tools: ['terraform'],
  labels: [['zone', 'eu']],
};
const anything: LaneRequirements = { ...lane, runner: null, instance: null, tools: [], labels: [] };

describe('explain', () => {
  test.each([lane, anything])('takes what fits', (requirements) => {
    expect(explain(instance, requirements)).toEqual({ eligible: true });
  });

  const cases: Record<IneligibleReason, [Partial<InstanceFacts>, Partial<LaneRequirements>]> = {
    other_organization: [{}, { organizationId: other }],
    executor_missing: [{}, { executor: 'teleport' as never }],
    other_runner: [{}, { runner: 'Pool' }],
    other_instance: [{}, { instance: 'pool-1' }],
    tool_missing: [{}, { tools: ['terraform', 'tofu'] }],
    label_mismatch: [{}, { labels: [['zone', 'us']] }],
    runner_disabled: [{ runnerDisabled: true }, {}],
    offline: [{ online: false }, {}],
    draining: [{ draining: true }, {}],
    no_free_slot: [{ freeSlots: 0 }, {}],
  };
  test.each(Object.entries(cases))('says %s', (reason, [facts, requirements]) => {
    const answer = explain({ ...instance, ...facts }, { ...lane, ...requirements });
    expect(answer).toMatchObject({ eligible: false, reason });
    expect(!answer.eligible && answer.detail).toMatch(/^[A-Z].+\.$/);
  });

  test('names what is missing', () => {
    expect(explain(instance, { ...lane, tools: ['tofu'] })).toMatchObject({ detail: expect.stringContaining('tofu') });
    expect(explain(instance, { ...lane, labels: [['gpu', 'a100']] })).toMatchObject({
      detail: expect.stringContaining('gpu'),
    });
  });

  test('does not take what every object inherits for a label', () => {
    expect(explain(instance, { ...anything, labels: [['constructor', 'x']] })).toMatchObject({ eligible: false });
  });

  test('says the lasting reason before the passing one', () => {
    const answer = explain({ ...instance, online: false, freeSlots: 0 }, { ...lane, tools: ['tofu'] });
    expect(answer).toMatchObject({ reason: 'tool_missing' });
  });
});

describe('fits', () => {
  test('does not depend on what the instance is doing', () => {
    const busy = { ...instance, online: false, draining: true, freeSlots: 0, runnerDisabled: true };
    expect(fits(busy, lane)).toEqual({ eligible: true });
  });
});
