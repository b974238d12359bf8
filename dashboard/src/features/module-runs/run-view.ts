import type { ModuleRun, RunState } from '@dibs/shared';
import type { Tone } from '../../ui/status-pill';

export interface StateView {
  readonly tone: Tone;
  readonly word: string;
  readonly isActive?: boolean;
}

/** Somebody wants it to end, and what works on it has not done so yet. */
export const CANCELING: StateView = { tone: 'warn', word: 'Canceling', isActive: true };

export const RUN_STATE_VIEWS = {
  planning: { tone: 'info', word: 'Planning', isActive: true },
  awaiting_approval: { tone: 'warn', word: 'Awaits approval' },
  applying: { tone: 'info', word: 'Applying', isActive: true },
  working: { tone: 'info', word: 'Running', isActive: true },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  canceled: { tone: 'muted', word: 'Canceled' },
  rejected: { tone: 'muted', word: 'Rejected' },
  expired: { tone: 'warn', word: 'Expired' },
} as const satisfies Record<RunState, StateView>;

export function viewOfRun(run: Pick<ModuleRun, 'state' | 'operation' | 'cancelRequestedAt'>): StateView {
  if (run.cancelRequestedAt !== null && !isOver(run)) return CANCELING;
  const view = RUN_STATE_VIEWS[run.state];
  return run.state === 'applying' && run.operation === 'destroy' ? { ...view, word: 'Destroying' } : view;
}

export function isOver({ state }: Pick<ModuleRun, 'state'>): boolean {
  return !['planning', 'awaiting_approval', 'applying', 'working'].includes(state);
}
