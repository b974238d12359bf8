import { expect, test } from '@jest/globals';
import type { CancelOrder, JobId } from '@dibs/shared';
import { EarlyCancels, MAX_KEPT } from './early-cancels.js';
import { attemptKey } from './journal.js';

function order(job: string, mode: CancelOrder['mode'] = 'graceful', attempt = 1): CancelOrder {
  return { jobId: job as JobId, attempt, mode };
}

test('an order is kept for its attempt and given once; a later one takes its place', () => {
  const early = new EarlyCancels();
  early.add(order('a'));
  early.add(order('a', 'kill'));
  expect(early.take(attemptKey(order('a', 'graceful', 2)))).toBeUndefined();
  expect(early.take(attemptKey(order('a')))).toEqual(order('a', 'kill'));
  expect(early.take(attemptKey(order('a')))).toBeUndefined();
});

test('of too many the oldest is forgotten', () => {
  const early = new EarlyCancels();
  for (let number = 0; number <= MAX_KEPT; number += 1) early.add(order(`job-${number}`));
  expect(early.take(attemptKey(order('job-0')))).toBeUndefined();
  expect(early.take(attemptKey(order('job-1')))).toEqual(order('job-1'));
  expect(early.take(attemptKey(order(`job-${MAX_KEPT}`)))).toEqual(order(`job-${MAX_KEPT}`));
});
