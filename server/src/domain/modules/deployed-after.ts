import type { RunOperation, RunState } from '@dibs/shared';

/**
 * Whether the module is deployed after a run of it has come from one state to another: also when applying failed, since
 * something may stand then. null: as it was before.
 */
export function deployedAfter(operation: RunOperation, from: RunState, to: RunState): boolean | null {
  if (to === 'applying' || to === 'awaiting_approval') return null;
  if (operation === 'apply') return to === 'succeeded' || from === 'applying' ? true : null;
  return operation === 'destroy' && to === 'succeeded' ? false : null;
}
