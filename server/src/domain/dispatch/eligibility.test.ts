import { describe, expect, test } from '@jest/globals';
import type { OrganizationId } from '@dibs/shared';
import {
  explain,
  fits,
  preferenceOf,
  type Assignments,
  type IneligibleReason,
  type InstanceFacts,
} from './eligibility.js';
import type { LaneRequirements } from './lanes.js';

const acme = '0197a000-0000-7000-8000-000000000001' as OrganizationId;
const other = '0197a000-0000-7000-8000-000000000002' as OrganizationId;
const everything: Assignments = {
  everything: true,
  stackIds: new Set(),
  namespaceIds: new Set(),
  moduleIds: new Set(),
};
const nothing: Assignments = { ...everything, everything: false };
const instance: InstanceFacts = {
  organizationId: acme,
  runnerName: 'pool',
  runnerDisabled: false,
  assignments: everything,
  instanceName: 'pool-0',
  online: true,
  draining: false,
  paused: null,
  unresponsive: false,
  slots: 2,
  freeSlots: 1,
  tools: new Map([
    ['git', 'git version 2.39.5'],
    ['terraform', 'Terraform v1.9.8'],
    ['helm', null],
  ]),
  labels: { zone: 'eu' },
};
const lane: LaneRequirements = {
  organizationId: acme,
  executor: 'shell',
  runner: 'pool',
  instance: 'pool-0',
  tools: ['git', 'terraform@>=1.5 <2'],
  labels: [['zone', 'eu']],
  prefers: [],
  slots: 1,
  scope: null,
};
const anything: LaneRequirements = { ...lane, runner: null, instance: null, tools: [], labels: [] };
const scope = { stackId: 'stack', namespaceId: 'namespace', moduleId: 'module' };

describe('explain', () => {
  test.each([lane, anything])('takes what fits', (requirements) => {
    expect(explain(instance, requirements)).toEqual({ eligible: true });
  });

  const cases: Record<IneligibleReason, [Partial<InstanceFacts>, Partial<LaneRequirements>]> = {
    other_organization: [{}, { organizationId: other }],
    executor_missing: [{}, { executor: 'teleport' as never }],
    other_runner: [{}, { runner: 'Pool' }],
    other_instance: [{}, { instance: 'pool-1' }],
    not_assigned: [{ assignments: nothing }, { scope }],
    slots_too_few: [{}, { slots: 3 }],
    tool_missing: [{}, { tools: ['terraform', 'tofu'] }],
    tool_version: [{}, { tools: ['terraform@>=2'] }],
    label_mismatch: [{}, { labels: [['zone', 'us']] }],
    runner_disabled: [{ runnerDisabled: true }, {}],
    offline: [{ online: false }, {}],
    draining: [{ draining: true }, {}],
    paused: [{ paused: 'The disk is being replaced.' }, {}],
    stopped: [{ stopped: true }, {}],
    unresponsive: [{ unresponsive: true }, {}],
    no_free_slot: [{ freeSlots: 0 }, {}],
  };
  test.each(Object.entries(cases))('says %s', (reason, [facts, requirements]) => {
    const answer = explain({ ...instance, ...facts }, { ...lane, ...requirements });
    expect(answer).toMatchObject({ eligible: false, reason });
    expect(!answer.eligible && answer.detail).toMatch(/^[A-Z].+\.$/);
  });

  test.each<[string, string, IneligibleReason, string[]]>([
    ['a version that does not fit', 'terraform@>=2', 'tool_version', ['1.9.8', '>=2']],
    ['a version that is unknown', 'helm@>=3', 'tool_version', ['helm', 'unknown', '>=3']],
    ['a tool that is not there, whatever its version', 'tofu@>=1', 'tool_missing', ['tofu']],
    ['what is no requirement at all', 'tofu@soon', 'tool_missing', ['tofu@soon']],
  ])('says no to %s', (_what, tool, reason, words) => {
    const answer = explain(instance, { ...lane, tools: [tool] });
    expect(answer).toMatchObject({ eligible: false, reason });
    for (const word of words) expect(answer).toMatchObject({ detail: expect.stringContaining(word) });
  });

  test('is content with an unknown version where any will do', () => {
    expect(explain(instance, { ...lane, tools: ['helm'] })).toEqual({ eligible: true });
  });

  test('says how many slots are missing', () => {
    const busy = explain({ ...instance, slots: 4, freeSlots: 1 }, { ...lane, slots: 3 });
    expect(busy).toMatchObject({ reason: 'no_free_slot', detail: 'The job takes 3 slots, and only 1 are free.' });
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

describe('assignments', () => {
  const of = (assigned: Partial<Record<'stackIds' | 'namespaceIds' | 'moduleIds', string>>): Assignments => ({
    everything: false,
    stackIds: new Set(assigned.stackIds?.split(',')),
    namespaceIds: new Set(assigned.namespaceIds?.split(',')),
    moduleIds: new Set(assigned.moduleIds?.split(',')),
  });
  const unpinned = { ...anything, scope };
  const stackOnly = { ...anything, scope: { stackId: 'stack', namespaceId: null, moduleId: null } };

  test.each<[string, Assignments, LaneRequirements, boolean]>([
    ['everything takes a job with a scope', everything, unpinned, true],
    ['everything takes a job without', everything, anything, true],
    ['the stack', of({ stackIds: 'stack' }), unpinned, true],
    ['the namespace', of({ namespaceIds: 'namespace' }), unpinned, true],
    ['the module', of({ moduleIds: 'module' }), unpinned, true],
    ['another stack', of({ stackIds: 'other' }), unpinned, false],
    ['an inner part only, for a job of the whole stack', of({ namespaceIds: 'namespace' }), stackOnly, false],
    ['an id of another level', of({ moduleIds: 'stack' }), stackOnly, false],
    ['parts, for a job without a scope', of({ stackIds: 'stack' }), anything, false],
    ['parts, for a job pinned to it without a scope', nothing, lane, true],
    ['parts, for a job pinned to it with a foreign scope', nothing, { ...lane, scope }, false],
  ])('%s: %#', (_what, assignments, requirements, expected) => {
    expect(fits({ ...instance, assignments }, requirements).eligible).toBe(expected);
  });
});

describe('preferenceOf', () => {
  test('counts the preferred labels that it has', () => {
    const prefers: LaneRequirements['prefers'] = [
      ['disk', 'ssd'],
      ['toString', 'x'],
      ['zone', 'eu'],
    ];
    expect(preferenceOf(instance, { ...lane, prefers })).toBe(1);
    expect(preferenceOf({ labels: { zone: 'eu', disk: 'ssd' } }, { ...lane, prefers })).toBe(2);
    expect(preferenceOf(instance, lane)).toBe(0);
  });
});

describe('fits', () => {
  test('does not depend on what the instance is doing', () => {
    const busy = {
      ...instance,
      online: false,
      draining: true,
      paused: 'x',
      unresponsive: true,
      freeSlots: 0,
      runnerDisabled: true,
    };
    expect(fits(busy, lane)).toEqual({ eligible: true });
  });
});
