import type { ScopeRun, ScopeRunModule, ScopeRunModuleState, ScopeRunState } from '@dibs/shared';
import { StatusPill } from '../../ui/status-pill';
import { CANCELING, RUN_STATE_VIEWS, type StateView } from '../module-runs/run-view';

const SCOPE_RUN_VIEWS: Readonly<Record<ScopeRunState, StateView>> = {
  running: { tone: 'info', word: 'Running', isActive: true },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  canceled: { tone: 'muted', word: 'Canceled' },
};

const MODULE_VIEWS: Readonly<Record<ScopeRunModuleState, StateView>> = {
  waiting: { tone: 'neutral', word: 'Waits' },
  running: { tone: 'info', word: 'Running', isActive: true },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  skipped: { tone: 'muted', word: 'Skipped' },
  canceled: { tone: 'muted', word: 'Canceled' },
};

/** What its run does is told while it does it: one that awaits approval holds up others. */
export function viewOfModule({ state, runState }: Pick<ScopeRunModule, 'state' | 'runState'>): StateView {
  return state === 'running' && runState !== null ? RUN_STATE_VIEWS[runState] : MODULE_VIEWS[state];
}

export function viewOfScopeRun({ state, cancelRequestedAt }: ScopeRun): StateView {
  return state === 'running' && cancelRequestedAt !== null ? CANCELING : SCOPE_RUN_VIEWS[state];
}

export function ScopeRunPill({ run, size }: { readonly run: ScopeRun; readonly size?: 'sm' | 'md' }) {
  const { word, ...view } = viewOfScopeRun(run);
  return (
    <StatusPill {...view} size={size}>
      {word}
    </StatusPill>
  );
}

export function scopeRunPath(runId: string): string {
  return `/modules/scope-runs/${encodeURIComponent(runId)}`;
}
