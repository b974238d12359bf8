import type { ApprovalRule, ApprovalSetting, PlanSummary } from '@dibs/shared';

/** Nothing is changed that nobody has looked at, and a plan is good for a week. */
export const DEFAULT_APPROVAL: ApprovalSetting = { when: 'changes', expiresAfterSeconds: 7 * 86_400 };

/** Whether somebody must approve the plan before it is carried out. One without changes is never carried out at all. */
export function asksForApproval(rule: ApprovalRule, { add, change, destroy }: PlanSummary): boolean {
  switch (rule) {
    case 'never':
      return false;
    case 'changes':
      return add + change + destroy > 0;
    case 'destroys':
      return destroy > 0;
    case 'always':
      return true;
  }
}
