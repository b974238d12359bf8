import type { JobState, StepState } from '@dibs/shared';
import { StatusPill, type Tone } from '../../ui/status-pill';

interface StateView {
  readonly tone: Tone;
  readonly word: string;
  readonly isActive?: boolean;
}

export const JOB_STATE_VIEWS = {
  waiting: { tone: 'neutral', word: 'Waiting' },
  queued: { tone: 'neutral', word: 'Queued' },
  claimed: { tone: 'info', word: 'Starting', isActive: true },
  running: { tone: 'info', word: 'Running', isActive: true },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  canceled: { tone: 'muted', word: 'Canceled' },
  timed_out: { tone: 'warn', word: 'Timed out' },
  lost: { tone: 'warn', word: 'Lost' },
  expired: { tone: 'warn', word: 'Expired' },
} as const satisfies Record<JobState, StateView>;

export const STEP_STATE_VIEWS = {
  pending: { tone: 'muted', word: 'Pending' },
  running: { tone: 'info', word: 'Running', isActive: true },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  canceled: { tone: 'muted', word: 'Canceled' },
  timed_out: { tone: 'warn', word: 'Timed out' },
  skipped: { tone: 'muted', word: 'Skipped' },
} as const satisfies Record<StepState, StateView>;

interface JobStatePillProps {
  readonly state: JobState;
  /** A cancel is recorded and not carried out yet. */
  readonly isCanceling?: boolean;
  /** It is queued, and no known runner could ever take it. */
  readonly isHopeless?: boolean;
  readonly size?: 'sm' | 'md';
}

export function JobStatePill({ state, isCanceling = false, isHopeless = false, size }: JobStatePillProps) {
  const view: StateView = isCanceling
    ? { tone: 'warn', word: 'Canceling', isActive: true }
    : isHopeless
      ? { tone: 'bad', word: 'No runner fits' }
      : JOB_STATE_VIEWS[state];
  return (
    <StatusPill tone={view.tone} isActive={view.isActive} size={size}>
      {view.word}
    </StatusPill>
  );
}
