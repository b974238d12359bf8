import { expect, test } from '@jest/globals';
import { claimViolations } from './claim-checker.js';

const FIRST = { claimId: 'c', job: 'j', attempt: 1 };

test('one claim is one attempt, however often it is answered', () => {
  expect(claimViolations([FIRST, FIRST, { claimId: 'd', job: 'j', attempt: 2 }])).toEqual([]);
  expect(claimViolations([FIRST, { ...FIRST, attempt: 2 }])).toEqual([expect.stringMatching(/^I3: claim c/)]);
  expect(claimViolations([FIRST, { ...FIRST, job: 'k' }])).toEqual([expect.stringMatching(/^I3: claim c/)]);
  expect(claimViolations([FIRST, { ...FIRST, claimId: 'd' }])).toEqual([expect.stringMatching(/^I1: attempt 1/)]);
});
