import type { ScopeRunModule, ScopeRunModuleState, ScopeRunState } from '@dibs/shared';
import { StatusPill, type Tone } from '../../ui/status-pill';
import { RUN_STATE_VIEWS } from '../module-runs/run-words';

interface StateView {
  readonly tone: Tone;
  readonly word: string;
  readonly isActive?: boolean;
}

export const SCOPE_RUN_VIEWS: Readonly<Record<ScopeRunState, StateView>> = {
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

export function ScopeRunPill({ state, size }: { readonly state: ScopeRunState; readonly size?: 'sm' | 'md' }) {
  const { word, ...view } = SCOPE_RUN_VIEWS[state];
  return (
    <StatusPill {...view} size={size}>
      {word}
    </StatusPill>
  );
}

export function scopeRunPath(runId: string): string {
  return `/modules/scope-runs/${encodeURIComponent(runId)}`;
}
