import { expect, test } from '@jest/globals';
import { APPROVAL_RULES, type ApprovalRule, type PlanSummary } from '@dibs/shared';
import { asksForApproval } from './approval.js';

const plan = (add: number, change: number, destroy: number): PlanSummary => ({
  ...{ add, change, destroy, hasChanges: true, sha256: '0'.repeat(64) },
});

test.each<[string, PlanSummary, ApprovalRule[]]>([
  ['adds', plan(1, 0, 0), ['changes', 'always']],
  ['changes', plan(0, 1, 0), ['changes', 'always']],
  ['destroys', plan(0, 0, 1), ['changes', 'destroys', 'always']],
  ['has other outputs alone', plan(0, 0, 0), ['always']],
])('a plan that %s asks for approval under the rules that say so', (_what, summary, rules) => {
  expect(APPROVAL_RULES.filter((rule) => asksForApproval(rule, summary))).toEqual(rules);
});
