import { expect, test } from '@jest/globals';
import type { ModuleRun, StateLock } from '@dibs/shared';
import { heldLockOf } from './held-lock';

const HELD: StateLock = { state: 'held', id: 'lock-1', who: null };

function run(stateLock: StateLock | null, part: Partial<ModuleRun> = {}): ModuleRun {
  return { operation: 'apply', state: 'failed', stateLock, ...part } as ModuleRun;
}

test('the newest run that tells of the lock counts', () => {
  expect(heldLockOf([run(null), run(HELD), run({ state: 'released' })])?.lock).toEqual(HELD);
  expect(heldLockOf([run({ state: 'released' }), run(HELD)])).toBeNull();
  expect(heldLockOf([run(null)])).toBeNull();
});

test('an unlock takes it away only when it succeeds', () => {
  expect(heldLockOf([run(null, { operation: 'unlock', state: 'succeeded' }), run(HELD)])).toBeNull();
  expect(heldLockOf([run(null, { operation: 'unlock', state: 'failed' }), run(HELD)])?.lock).toEqual(HELD);
});
