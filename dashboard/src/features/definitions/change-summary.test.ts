import { expect, test } from '@jest/globals';
import type { DefinitionChange } from '@dibs/shared';
import { summaryOf } from './change-summary';

const change = (action: DefinitionChange['action']): DefinitionChange => ({
  kind: 'module',
  path: 'prod/network/vpc',
  action,
  settings: [],
});

test('what would change, what did, and what does not', () => {
  const changes = [change('created'), change('updated'), change('updated'), change('deleted'), change('kept')];
  expect(summaryOf({ dryRun: true, changes, unchangedCount: 1 })).toBe(
    'It would create 1, change 2 and delete 1. 1 part is already as it says.',
  );
  expect(summaryOf({ dryRun: false, changes, unchangedCount: 0 })).toBe('Created 1, changed 2 and deleted 1.');
  expect(summaryOf({ dryRun: true, changes: [change('kept')], unchangedCount: 3 })).toBe(
    'Nothing changes. 3 parts are already as it says.',
  );
});
