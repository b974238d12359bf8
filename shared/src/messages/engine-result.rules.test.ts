import { describe, expect, test } from '@jest/globals';
import { JobsFinishedMessage, readMessage } from './index.js';

const finished = {
  jobId: '0197a000-0000-7000-8000-000000000001',
  attempt: 1,
  claimToken: 'tok_en-1',
  outcome: 'succeeded',
  reason: 'completed',
  exitCode: 0,
  lastSeq: 0,
  atMs: 1,
};
const plan = { add: 1, change: 0, destroy: 2, hasChanges: true, sha256: 'a'.repeat(64) };
const accepts = (more: object): boolean => readMessage(JobsFinishedMessage, { results: [{ ...finished, ...more }] }).ok;

describe('the result of a module’s job', () => {
  test.each([
    { plan, stateLock: null },
    { plan: null, stateLock: { state: 'released' } },
    { plan: null, stateLock: { state: 'held', id: '0b6f', who: null } },
    { plan: null, stateLock: { state: 'held', id: '0b6f', who: 'root@host' } },
  ])('%j is read', (engine) => {
    expect(accepts({ engine })).toBe(true);
  });

  test.each([
    null,
    {},
    { plan: null },
    { plan, stateLock: null, more: 1 },
    { plan: { ...plan, add: -1 }, stateLock: null },
    { plan: { ...plan, sha256: 'A'.repeat(64) }, stateLock: null },
    { plan: { ...plan, hasChanges: 'yes' }, stateLock: null },
    { plan: null, stateLock: { state: 'held' } },
    { plan: null, stateLock: { state: 'held', id: '', who: null } },
    { plan: null, stateLock: { state: 'held', id: 'x'.repeat(513), who: null } },
    { plan: null, stateLock: { state: 'held', id: 'nul\0', who: null } },
    { plan: null, stateLock: { state: 'lost' } },
  ])('%j is refused', (engine) => {
    expect(accepts({ engine })).toBe(false);
  });

  test('a commit is a full id', () => {
    expect(accepts({ commit: 'f'.repeat(40) })).toBe(true);
    expect(accepts({ commit: 'f'.repeat(64) })).toBe(true);
    for (const commit of ['f'.repeat(41), 'main', null, 'F'.repeat(40)]) expect(accepts({ commit })).toBe(false);
  });
});
