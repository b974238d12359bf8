import { describe, expect, test } from '@jest/globals';
import {
  ClaimMessage,
  HandshakeMessage,
  HelloMessage,
  JobsFinishedMessage,
  RenewMessage,
  StepFinishedMessage,
  StepStartedMessage,
  readMessage,
} from './index.js';
import type { MessageClass } from './list-of.js';

const jobId = '0197a000-0000-7000-8000-000000000001';
const claimId = '5c9d8e5a-86cf-46fd-a842-702c0c5ba2f2';
const held = { jobId, attempt: 1, claimToken: 'tok_en-1' };

const result = { ...held, outcome: 'succeeded', reason: 'completed', exitCode: 0, lastSeq: 0, atMs: 1 };

/** One good message of every class; each bad one below is a good one with one thing wrong. */
const good: readonly (readonly [MessageClass, Record<string, unknown>])[] = [
  [HandshakeMessage, { token: 'x.y.z', protocolVersion: 1, instance: 'pod-0', bootId: claimId }],
  [
    HelloMessage,
    {
      hostName: 'host',
      runnerVersion: '1.0.0',
      slots: 2,
      tools: [{ name: 'git', version: null }],
      labels: { zone: 'eu' },
      draining: false,
      standing: false,
      held: [held],
    },
  ],
  [RenewMessage, { held: [held], freeSlots: 1, draining: false }],
  [ClaimMessage, { claims: [{ claimId, jobId }] }],
  [StepStartedMessage, { ...held, step: 0, atMs: 1 }],
  [StepFinishedMessage, { ...held, step: 0, atMs: 1, state: 'failed', exitCode: null, signal: 'SIGSEGV' }],
  [JobsFinishedMessage, { results: [result] }],
];

const problemOf = (messageClass: MessageClass, value: unknown): string | null => {
  const read = readMessage(messageClass, value);
  return read.ok ? null : read.problem;
};

describe.each(good)('%p', (messageClass, message) => {
  test('is read as what it is', () => {
    expect(readMessage(messageClass, message)).toEqual({ ok: true, message });
  });

  test.each(Object.keys(message))('is refused without %s', (property) => {
    const rest = Object.fromEntries(Object.entries(message).filter(([key]) => key !== property));
    expect(problemOf(messageClass, rest)).toContain(property);
  });

  test.each(Object.keys(message))('is refused when %s is of another type', (property) => {
    expect(problemOf(messageClass, { ...message, [property]: { toString: 7 } })).toContain(property);
  });

  test('is refused with a property nobody knows', () => {
    expect(problemOf(messageClass, { ...message, organizationId: jobId })).toContain('organizationId');
    expect(problemOf(messageClass, JSON.parse(`{"__proto__":${JSON.stringify(message)}}`))).not.toBeNull();
  });

  test.each([null, undefined, 'text', 7, true, [], [message], Buffer.from('x')])('is not %p', (value) => {
    expect(problemOf(messageClass, value)).not.toBeNull();
  });
});

describe('lists inside messages', () => {
  test.each([[[]], [null], ['x'], [[{ claimId, jobId }]], [{ claimId }], [{ claimId, jobId, state: 'queued' }]])(
    'refuse %j as a claim',
    (item) => {
      expect(problemOf(ClaimMessage, { claims: [item] })).not.toBeNull();
    },
  );

  test('refuse the same claim or job twice in one message', () => {
    const other = '5c9d8e5a-86cf-46fd-a842-702c0c5ba2f3';
    expect(
      problemOf(ClaimMessage, {
        claims: [
          { claimId, jobId },
          { claimId, jobId: other },
        ],
      }),
    ).not.toBeNull();
    expect(
      problemOf(ClaimMessage, {
        claims: [
          { claimId, jobId },
          { claimId: other, jobId },
        ],
      }),
    ).not.toBeNull();
  });

  test.each([
    ['outcome', 'done'],
    ['reason', 'toString'],
    ['exitCode', 2 ** 31],
    ['exitCode', undefined],
    ['lastSeq', -1],
    ['lastSeq', 0.5],
    ['atMs', '1'],
    ['attempt', 0],
    ['claimToken', 'a b'],
    ['jobId', jobId.toUpperCase()],
    ['organizationId', jobId],
  ])('refuse a result whose %s is %p, and say which', (property, value) => {
    const results = [result, { ...result, [property]: value }];
    expect(problemOf(JobsFinishedMessage, { results })).toContain(`results[1].${property} `);
  });

  test.each(Object.keys(result))('refuse a result without %s', (property) => {
    const rest = Object.fromEntries(Object.entries(result).filter(([key]) => key !== property));
    expect(problemOf(JobsFinishedMessage, { results: [rest] })).toContain(property);
  });

  test('refuse an item with a prototype smuggled in', () => {
    const item: unknown = JSON.parse(`{"__proto__":{"jobId":"${jobId}"},"claimId":"${claimId}"}`);
    expect(problemOf(ClaimMessage, { claims: [item] })).not.toBeNull();
  });

  test('take a result without an exit code, and up to 500 of them', () => {
    const canceled = { ...result, outcome: 'canceled', reason: 'canceled', exitCode: null };
    expect(problemOf(JobsFinishedMessage, { results: Array(500).fill(canceled) })).toBeNull();
    expect(problemOf(JobsFinishedMessage, { results: Array(501).fill(canceled) })).not.toBeNull();
    expect(problemOf(JobsFinishedMessage, { results: [] })).not.toBeNull();
  });

  test('may have what the runner counted of its log, and then exactly that', () => {
    const count = { step: -1, lines: 1, bytes: 2, sha256: '0f'.repeat(32) };
    const problemWith = (log: unknown) => problemOf(JobsFinishedMessage, { results: [{ ...result, log }] });
    expect(problemWith([count, { ...count, step: 999 }])).toBeNull();
    expect(problemWith([])).toBeNull();
    const bad = [
      ...[null, {}, [null], [count, count], [{ ...count, step: 1_000 }], [{ ...count, lines: -1 }]],
      ...[[{ ...count, bytes: 0.5 }], [{ ...count, sha256: '0F'.repeat(32) }], [{ ...count, more: 1 }]],
      Array.from({ length: 1_002 }, (_, step) => ({ ...count, step })),
    ];
    for (const log of bad) expect(problemWith(log)).toContain('results[0].log is not valid');
  });

  test('are bounded', () => {
    expect(problemOf(RenewMessage, { held: Array(2_001).fill(held), freeSlots: 0, draining: false })).not.toBeNull();
  });
});

describe('numbers and texts', () => {
  test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 40, '1'])('refuse %p as attempt', (attempt) => {
    expect(problemOf(StepStartedMessage, { ...held, attempt, step: 0, atMs: 1 })).toContain('attempt');
  });

  test.each(['a\0b', 'a\nb', '\ud800', 'x'.repeat(300)])('refuse %j as a label', (zone) => {
    const hello = good[1]![1];
    expect(problemOf(HelloMessage, { ...hello, labels: { zone } })).toContain('labels');
    expect(problemOf(HelloMessage, { ...hello, hostName: zone })).toContain('hostName');
  });

  test('never repeat a value that might be secret', () => {
    expect(problemOf(StepStartedMessage, { ...held, claimToken: 'my secret!', step: 0, atMs: 1 })).not.toContain('my');
  });
});
