import { describe, expect, test } from '@jest/globals';
import { EXPLAIN_RULES, type InstanceId, type OrganizationId, type RunnerId } from '@dibs/shared';
import type { InstanceFacts } from '../domain/dispatch/eligibility.js';
import type { LaneRequirements } from '../domain/dispatch/lanes.js';
import type { KnownInstance, KnownRunner } from './explain.repository.js';
import { MAX_LISTED, survey, type Wanted } from './runner-tally.js';

const organizationId = 'acme' as OrganizationId;
const assignments = {
  everything: true,
  stackIds: new Set<string>(),
  namespaceIds: new Set<string>(),
  moduleIds: new Set<string>(),
};
const lane: LaneRequirements = {
  organizationId,
  executor: 'shell',
  runner: null,
  instance: null,
  tools: ['git'],
  labels: [],
  prefers: [['disk', 'ssd']],
  slots: 1,
  scope: null,
};
const job: Wanted = { requirements: lane, fanOut: null };
const runner = (name: string, more: Partial<KnownRunner> = {}): KnownRunner => {
  return { id: name as RunnerId, name, priority: 0, disabled: false, assignments, instances: 1, ...more };
};
type Judged = KnownInstance & { readonly facts: InstanceFacts };
function instance(of: KnownRunner, name: string, more: Partial<InstanceFacts> = {}): Judged {
  const facts: InstanceFacts = {
    organizationId,
    runnerName: of.name,
    runnerDisabled: of.disabled,
    assignments: of.assignments,
    instanceName: name,
    online: true,
    draining: false,
    paused: null,
    unresponsive: false,
    slots: 2,
    freeSlots: 2,
    tools: new Map([['git', '2.47.0']]),
    labels: {},
    ...more,
  };
  const { online, draining, slots, tools, labels } = facts;
  const usedSlots = slots - facts.freeSlots;
  return { id: name as InstanceId, runnerId: of.id, name, online, draining, slots, usedSlots, tools, labels, facts };
}

const pool = runner('pool');

describe('the survey of runners', () => {
  test('lists the most useful first: free, busy, away, those that never could', () => {
    const { listed, tally } = survey(
      [pool, runner('unused', { instances: 0 })],
      [
        instance(pool, 'tool-less', { tools: new Map() }),
        instance(pool, 'away', { online: false }),
        instance(pool, 'busy', { freeSlots: 0 }),
        instance(pool, 'free'),
        instance(pool, 'paused', { paused: 'audit' }),
      ],
      job,
    );
    expect(listed.map((each) => [each.instance ?? each.runner, each.rule])).toEqual([
      ['free', null],
      ['busy', 'no_free_slot'],
      ['paused', 'paused'],
      ['away', 'offline'],
      ['tool-less', 'tool_missing'],
      ['unused', 'never_connected'],
    ]);
    expect(tally).toMatchObject({ known: 6, fitting: 4, canTakeNow: 1, ready: 'pool/free' });
  });

  test('prefers preferred labels, then the priority of the runner', () => {
    const fast = runner('fast', { priority: 5 });
    const { listed } = survey(
      [pool, fast],
      [instance(pool, 'a'), instance(fast, 'b'), instance(pool, 'c', { labels: { disk: 'ssd' } })],
      job,
    );
    expect(listed.map((each) => each.instance)).toEqual(['c', 'b', 'a']);
  });

  test('does not count a disabled runner among those that fit', () => {
    const disabled = runner('old', { disabled: true });
    const { tally } = survey([disabled], [instance(disabled, 'x')], job);
    expect(tally).toMatchObject({ fitting: 0, fittingDisabled: 1, nearest: 'old/x: Its runner is disabled.' });
  });

  test('judges a record without processes by what can be known', () => {
    const records = [
      runner('free', { instances: 0 }),
      runner('pinned', { instances: 0 }),
      runner('off', { instances: 0, disabled: true }),
    ];
    const rules = (requirements: LaneRequirements) =>
      Object.fromEntries(
        survey(records, [], { requirements, fanOut: null }).listed.map((each) => [each.runner, each.rule]),
      );
    expect(rules(lane)).toEqual({ free: 'never_connected', pinned: 'never_connected', off: 'runner_disabled' });
    expect(rules({ ...lane, runner: 'pinned' })).toEqual({
      free: 'other_runner',
      pinned: 'never_connected',
      off: 'other_runner',
    });
  });

  test('is bounded, and counts those it does not list', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => instance(pool, `i-${index}`, { freeSlots: index % 2 }));
    const { listed, notListed, tally } = survey([pool], many, job);
    expect([listed.length, notListed, tally.canTakeNow]).toEqual([MAX_LISTED, 5_000 - MAX_LISTED, 2_500]);
    expect(tally.byRule.get('no_free_slot')).toBe(2_500);
  });

  test('tells nothing beyond what is documented', () => {
    const [explained] = survey([pool], [instance(pool, 'x', { online: false })], job).listed;
    expect(Object.keys(explained ?? {}).sort()).toEqual(
      ['getsChild', 'instance', 'instanceId', 'online', 'rule', 'runner', 'runnerId', 'text'].sort(),
    );
    expect(EXPLAIN_RULES).toContain(explained?.rule);
  });
});

describe('the survey for a fan-out', () => {
  const disabled = runner('old', { disabled: true });
  const records = [pool, disabled, runner('unused', { instances: 0 })];
  const known = [
    instance(pool, 'free'),
    instance(pool, 'busy', { freeSlots: 0 }),
    instance(pool, 'paused', { paused: 'audit' }),
    instance(pool, 'off', { online: false }),
    instance(pool, 'draining', { draining: true }),
    instance(pool, 'tool-less', { tools: new Map() }),
    instance(disabled, 'x'),
  ];
  const told = (offline: 'skip' | 'wait') => {
    const { listed, fanOut } = survey(records, known, { requirements: lane, fanOut: { batchSize: null, offline } });
    return { fanOut, listed: listed.map((each) => [each.instance, each.getsChild, each.rule]) };
  };

  test('tells who gets a child, and of the others why not', () => {
    expect(told('skip')).toEqual({
      fanOut: { total: 3, skipped: ['pool/draining', 'pool/off'] },
      listed: [
        ['free', true, null],
        ['busy', true, 'no_free_slot'],
        ['paused', true, 'paused'],
        ['draining', false, 'draining'],
        ['off', false, 'offline'],
        ['x', false, 'runner_disabled'],
        ['tool-less', false, 'tool_missing'],
        [null, false, 'never_connected'],
      ],
    });
  });

  test('leaves nobody out that it waits for', () => {
    const { fanOut, listed } = told('wait');
    expect(fanOut).toEqual({ total: 5, skipped: [] });
    expect(listed.filter(([, getsChild]) => getsChild).map(([name]) => name)).toEqual([
      'free',
      'busy',
      'paused',
      'draining',
      'off',
    ]);
  });

  test('has words for each of them', () => {
    const { listed } = survey(records, known, { requirements: lane, fanOut: { batchSize: null, offline: 'skip' } });
    const words = Object.fromEntries(listed.map((each) => [each.instance ?? each.runner, each.text]));
    expect(words).toMatchObject({
      free: 'It gets a child.',
      busy: 'It gets a child, which waits for it. All its slots are in use.',
      off: 'It matches, but it is left out. It is offline.',
      'tool-less': 'It does not have the tool git.',
    });
  });
});
