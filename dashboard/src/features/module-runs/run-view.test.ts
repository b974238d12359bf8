import { expect, test } from '@jest/globals';
import { viewOfRun } from './run-view';

const REQUESTED = '2026-11-22T02:00:00Z';

test('a cancel that is not carried out yet shows as pending, one that is carried out as done', () => {
  const applying = { state: 'applying', operation: 'apply', cancelRequestedAt: null } as const;
  expect(viewOfRun(applying).word).toBe('Applying');
  expect(viewOfRun({ ...applying, cancelRequestedAt: REQUESTED })).toMatchObject({ word: 'Canceling', isActive: true });
  expect(viewOfRun({ ...applying, state: 'canceled', cancelRequestedAt: REQUESTED }).word).toBe('Canceled');
  // it had ended by itself before anybody could end it
  expect(viewOfRun({ ...applying, state: 'succeeded', cancelRequestedAt: REQUESTED }).word).toBe('Succeeded');
});

test('a run that destroys says so', () => {
  expect(viewOfRun({ state: 'applying', operation: 'destroy', cancelRequestedAt: null }).word).toBe('Destroying');
});
