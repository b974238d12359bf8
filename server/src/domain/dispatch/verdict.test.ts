import { describe, expect, test } from '@jest/globals';
import { EXPLAIN_VERDICTS, TERMINAL_JOB_STATES, type ExplainRule, type ExplainVerdict } from '@dibs/shared';
import { verdictOf, type RunnerTally, type WaitFacts } from './verdict.js';

const tally = (rules: Partial<Record<ExplainRule, number>>, more: Partial<RunnerTally> = {}): RunnerTally => {
  const byRule = new Map(Object.entries(rules) as [ExplainRule, number][]);
  const known = [...byRule.values()].reduce((sum, count) => sum + count, 0);
  return { known, fitting: known, fittingDisabled: 0, canTakeNow: 0, byRule, ready: null, nearest: null, ...more };
};
const queued: WaitFacts = {
  state: 'queued',
  reason: null,
  reasonText: null,
  holder: null,
  tally: tally({ no_free_slot: 2 }),
  pause: null,
  ahead: { count: 0, more: false },
  group: null,
  quota: null,
  wakeAt: null,
  fanOut: null,
};
const fanOut = { total: 3, batchSize: null, skipped: 0 };
const group = { key: 'prod', limit: 1, isFull: true };
const quota = { limit: 5, isFull: true };

const cases: [ExplainVerdict, string, Partial<WaitFacts>, string][] = [
  ['running', 'somebody runs it', { state: 'running', holder: 'pool/pool-0' }, 'It runs on pool/pool-0.'],
  [
    'starting',
    'somebody has just claimed it',
    { state: 'claimed', holder: 'pool/pool-0' },
    'pool/pool-0 has claimed it and prepares it.',
  ],
  [
    'ended',
    'it is over',
    { state: 'timed_out', reasonText: 'The job ran longer than its timeout.' },
    'It has ended: timed out. The job ran longer than its timeout.',
  ],
  [
    'can_start_now',
    'somebody is free',
    { tally: tally({ offline: 1 }, { canTakeNow: 1, ready: 'pool/pool-0' }) },
    'pool/pool-0 can take it now.',
  ],
  [
    'can_start_now',
    'several are free, but others go first',
    { tally: tally({}, { fitting: 3, canTakeNow: 3, ready: 'a/b' }), ahead: { count: 1, more: false } },
    'a/b and 2 others can take it now. One job with the same requirements goes first.',
  ],
  [
    'waiting_for_slot',
    'all are busy',
    { ahead: { count: 1_000, more: true } },
    'The 2 instances that could take it have no free slot. More than 1000 jobs with the same requirements go first.',
  ],
  [
    'waiting_for_slot',
    'one is busy and others are away',
    { tally: tally({ no_free_slot: 1, offline: 3 }) },
    'The one instance that could take it has no free slot.',
  ],
  [
    'waiting_for_runner',
    'nobody is there',
    { tally: tally({ offline: 2, draining: 1 }), ahead: { count: 12, more: false } },
    '3 known instances fit, but none can take it: 2 offline, 1 draining. 12 jobs with the same requirements go first.',
  ],
  [
    'waiting_for_runner',
    'somebody does not answer',
    { tally: tally({ unresponsive: 1 }) },
    'One known instance fits, but it is not answering.',
  ],
  [
    'no_runner_matches',
    'nobody could ever take it',
    { tally: tally({ tool_missing: 1 }, { fitting: 0, nearest: 'pool/pool-0: It does not have the tool tofu.' }) },
    'No known runner could ever take it. The nearest is pool/pool-0: It does not have the tool tofu.',
  ],
  [
    'no_runner_matches',
    'there is nobody',
    { tally: tally({}) },
    'No runner is registered, so nobody could ever take it.',
  ],
  [
    'no_runner_matches',
    'who fits is disabled',
    { tally: tally({ runner_disabled: 1 }, { fitting: 0, fittingDisabled: 1 }) },
    'No enabled runner could ever take it: those that fit are disabled.',
  ],
  [
    'held_by_pause',
    'the lane is held',
    { pause: 'The server is in maintenance: new disks' },
    'The server is in maintenance: new disks',
  ],
  [
    'held_by_pause',
    'who is there is paused',
    { tally: tally({ paused: 1, offline: 4 }, { nearest: 'pool/pool-0: Its runner is paused: audit' }) },
    'Every runner that fits and is online is paused. The nearest is pool/pool-0: Its runner is paused: audit',
  ],
  [
    'concurrency_group',
    'it waits for its group',
    { state: 'waiting', reason: 'concurrency_group', group, ahead: { count: 2, more: false } },
    'It waits until the concurrency group prod has room (1 at a time; 2 older go first).',
  ],
  ['concurrency_group', 'what-if, and the group is full', { state: null, group }, 'prod'],
  ['quota', 'it waits for the quota', { state: 'waiting', reason: 'quota', quota }, 'at most 5 at a time'],
  ['quota', 'what-if, and the quota is used up', { state: null, quota }, 'at most 5 at a time'],
  [
    'retry_backoff',
    'it is to be tried again',
    { state: 'waiting', reason: 'retry_backoff', wakeAt: '2026-01-01T00:00:00.000Z' },
    'It failed and is tried again at 2026-01-01T00:00:00.000Z.',
  ],
  [
    'fan_out',
    'its children run',
    { state: 'waiting', reason: 'fan_out', reasonText: 'Its children…' },
    'Its children…',
  ],
  [
    'held_by_pause',
    'its own lane is paused before all children may begin',
    { state: 'waiting', reason: 'fan_out', pause: 'Jobs with these requirements are paused: bad image' },
    'Jobs with these requirements are paused: bad image',
  ],
  [
    'fan_out',
    'what-if, and somebody matches',
    { state: null, fanOut: { total: 3, batchSize: 2, skipped: 1 } },
    '3 instances get a child each, 2 at a time. One more matches, but it is offline or draining and left out.',
  ],
  [
    'fan_out',
    'what-if, and one matches',
    { state: null, fanOut: { ...fanOut, total: 1 } },
    'One instance gets a child.',
  ],
  [
    'no_runner_matches',
    'what-if, and nothing would be fanned out to',
    { state: null, fanOut: { ...fanOut, total: 0 }, tally: tally({ tool_missing: 1 }, { nearest: 'pool/a: no git.' }) },
    'there would be nothing to fan out to. The nearest is pool/a: no git.',
  ],
  [
    'no_runner_matches',
    'what-if, and whoever matches is away',
    { state: null, fanOut: { ...fanOut, total: 0, skipped: 2 } },
    '2 match, but they are offline or draining and left out.',
  ],
  ['held_by_pause', 'what-if of a fan-out whose lane is held', { state: null, fanOut, pause: 'held' }, 'held'],
  [
    'quota',
    'what-if, and the children would wait for the quota',
    { state: null, fanOut, quota },
    '3 instances get a child each. They wait until the organization runs fewer jobs (at most 5 at a time).',
  ],
  ['concurrency_group', 'what-if of a fan-out whose group is full', { state: null, fanOut, group }, 'prod'],
  ['fan_out_turn', 'its turn has not come', { state: 'waiting', reason: 'fan_out_turn' }, 'fan-out'],
];

describe('the verdict', () => {
  test.each(cases)('is %s when %s', (verdict, _when, facts, words) => {
    const answer = verdictOf({ ...queued, ...facts });
    expect(answer.verdict).toBe(verdict);
    expect(answer.summary).toContain(words);
  });

  test('has a case here for each that there is', () => {
    expect(new Set(cases.map(([verdict]) => verdict))).toEqual(new Set(EXPLAIN_VERDICTS));
  });

  test.each(TERMINAL_JOB_STATES)('is about the end once it is %s, whatever the runners do', (state) => {
    expect(verdictOf({ ...queued, state, pause: 'held' }).verdict).toBe('ended');
  });

  test('of a queued job does not look at a group that let it in', () => {
    expect(verdictOf({ ...queued, group, quota }).verdict).toBe('waiting_for_slot');
  });

  test('names a pause before what it hides', () => {
    expect(verdictOf({ ...queued, tally: tally({}), pause: 'held' }).verdict).toBe('held_by_pause');
  });
});
