import type { ModuleRun, PlanSummary, RunOperation } from '@dibs/shared';
import { StatusPill } from '../../ui/status-pill';
import { viewOfRun } from './run-view';
import classes from './module-runs.module.css';

export const OPERATION_WORDS = {
  validate: 'Validate',
  plan: 'Plan',
  apply: 'Apply',
  destroy: 'Destroy',
  outputs: 'Read outputs',
  unlock: 'Unlock',
} as const satisfies Record<RunOperation, string>;

interface RunStatePillProps {
  readonly run: ModuleRun;
  readonly size?: 'sm' | 'md';
}

export function RunStatePill({ run, size }: RunStatePillProps) {
  const { word, ...view } = viewOfRun(run);
  return (
    <StatusPill {...view} size={size}>
      {word}
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

export function runPath(runId: string): string {
  return `/modules/runs/${encodeURIComponent(runId)}`;
}
