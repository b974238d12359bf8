import type { ModuleRun, PlanSummary, RunOperation, RunState } from '@dibs/shared';
import { StatusPill, type Tone } from '../../ui/status-pill';
import classes from './module-runs.module.css';

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
} as const satisfies Record<RunState, { tone: Tone; word: string; isActive?: boolean }>;

export const OPERATION_WORDS = {
  validate: 'Validate',
  plan: 'Plan',
  apply: 'Apply',
  destroy: 'Destroy',
  outputs: 'Read outputs',
  unlock: 'Unlock',
} as const satisfies Record<RunOperation, string>;

interface RunStatePillProps {
  readonly run: Pick<ModuleRun, 'state' | 'operation'>;
  readonly size?: 'sm' | 'md';
}

export function RunStatePill({ run: { state, operation }, size }: RunStatePillProps) {
  const view: { tone: Tone; word: string; isActive?: boolean } = RUN_STATE_VIEWS[state];
  return (
    <StatusPill tone={view.tone} isActive={view.isActive} size={size}>
      {state === 'applying' && operation === 'destroy' ? 'Destroying' : view.word}
    </StatusPill>
  );
}

/** As in `+2 ~1 −0`; the numbers are said in words too. */
export function PlanCounts({ plan }: { readonly plan: PlanSummary }) {
  const { add, change, destroy, hasChanges } = plan;
  if (!hasChanges) return <span className={classes.noChanges}>no changes</span>;
  if (add + change + destroy === 0) return <span className={classes.noChanges}>outputs only</span>;
  const words = `${add} to add, ${change} to change, ${destroy} to destroy`;
  return (
    <span className={classes.plan} role="img" aria-label={words} title={words}>
      <span data-tone={add > 0 ? 'good' : undefined}>+{add}</span>
      <span data-tone={change > 0 ? 'warn' : undefined}>~{change}</span>
      <span data-tone={destroy > 0 ? 'bad' : undefined}>−{destroy}</span>
    </span>
  );
}

export function isOver({ state }: Pick<ModuleRun, 'state'>): boolean {
  return !['planning', 'awaiting_approval', 'applying', 'working'].includes(state);
}

export function runPath(runId: string): string {
  return `/modules/runs/${encodeURIComponent(runId)}`;
}
