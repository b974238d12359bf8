import { describe, expect, test } from '@jest/globals';
import type { InstanceId, JobId, OrganizationId } from '@dibs/shared';
import { HintOutbox, MAX_MESSAGE_BYTES } from './hint-outbox.js';
import { readBusMessage, type Hint } from './hint.js';

const organizationId = 'org' as OrganizationId;
const envelope = (hints: readonly Hint[]): string => JSON.stringify({ from: 'me', kind: 'hints', hints });
const queued = (index: number, lane = 'lane'): Hint => [
  'job.queued',
  { organizationId, jobId: `job-${index}` as JobId, lane, priority: 0, rank: index },
];
const changed = (index: number, state: 'running' | 'succeeded'): Hint => [
  'job.changed',
  { organizationId, jobId: `job-${index}` as JobId, state, reason: null },
];
const cancel: Hint = [
  'job.cancel-requested',
  { instanceId: 'i' as InstanceId, order: { jobId: 'job-1' as JobId, attempt: 1, mode: 'kill' } },
];

function taken(hints: readonly Hint[], maxMessages = 100): { hints: Hint[]; sizes: number[]; dropped: number } {
  const outbox = new HintOutbox();
  for (const hint of hints) outbox.add(...hint);
  const { messages, dropped } = outbox.take(envelope, maxMessages);
  expect(outbox.isEmpty).toBe(true);
  return {
    hints: messages.flatMap((message) => [...readBusMessage(message)!.hints]),
    sizes: messages.map((message) => Buffer.byteLength(message)),
    dropped,
  };
}

describe('HintOutbox', () => {
  test('keeps the latest of what is told about one job', () => {
    expect(taken([changed(1, 'running'), changed(2, 'running'), changed(1, 'succeeded')]).hints).toEqual([
      changed(1, 'succeeded'),
      changed(2, 'running'),
    ]);
  });

  test('keeps every version of the outputs of a module, since each names what changed with it', () => {
    const outputs = (version: number): Hint => [
      'module.outputs_changed',
      { organizationId, moduleId: 'module', version, changed: [`output-${version}`] },
    ];
    expect(taken([outputs(1), outputs(2), outputs(2)]).hints).toEqual([outputs(1), outputs(2)]);
  });

  test('tells few jobs one by one, and more of one lane as a lane to be read', () => {
    const many = Array.from({ length: 100 }, (_, index) => queued(index));
    const { hints } = taken([...many, queued(1, 'other')]);
    expect(hints).toContainEqual(['lane.grown', { lane: 'lane' }]);
    expect(hints.filter(([name]) => name === 'lane.grown')).toHaveLength(1);
    expect(hints).toContainEqual(queued(15));
    expect(hints).not.toContainEqual(queued(16));
    expect(hints).toContainEqual(queued(1, 'other'));
  });

  test('fills messages that one notification can carry, and loses nothing between them', () => {
    const many = Array.from({ length: 500 }, (_, index) => changed(index, 'running'));
    const { hints, sizes, dropped } = taken(many);
    expect(hints).toEqual(many);
    expect(dropped).toBe(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(sizes.length).toBeLessThan(10);
  });

  test('drops what is above the bound, and urgent hints never before others', () => {
    const many = Array.from({ length: 500 }, (_, index) => changed(index, 'running'));
    const { hints, sizes, dropped } = taken([...many, cancel], 2);
    expect(sizes).toHaveLength(2);
    expect(hints[0]).toEqual(cancel);
    expect(hints.length + dropped).toBe(501);
    expect(dropped).toBeGreaterThan(0);
  });

  test('leaves out a hint that no message could carry', () => {
    const huge: Hint = ['lane.grown', { lane: 'x'.repeat(MAX_MESSAGE_BYTES) }];
    expect(taken([huge, changed(1, 'running')])).toMatchObject({ hints: [changed(1, 'running')], dropped: 1 });
  });
});

describe('readBusMessage', () => {
  test.each(['', 'null', '[]', '{"from":1,"kind":"here","hints":[]}', '{"from":"x","kind":"other","hints":[]}', '{'])(
    'refuses %j',
    (text) => expect(readBusMessage(text)).toBeNull(),
  );

  test('leaves out hints that a newer server may know', () => {
    const text = JSON.stringify({ from: 'x', kind: 'hints', hints: [['job.teleported', {}], cancel, ['job.queued']] });
    expect(readBusMessage(text)?.hints).toEqual([cancel]);
  });
});
