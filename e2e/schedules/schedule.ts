import type { CancelMode, FanOutSpec, OnLost } from '@dibs/shared';
import type { ProxyMode } from '../support/tcp-proxy.js';
import type { PauseKind } from './pauses.js';

/** What a job does and demands. The names of groups, keys and files are added when it is submitted. */
export interface PlannedJob {
  readonly executor: 'shell' | 'noop';
  readonly steps: number;
  readonly holdMs: number;
  readonly lines: number;
  readonly exitCode: number;
  readonly onLost: OnLost;
  readonly maxAttempts: number;
  /** How often it may be tried again for its exit code. */
  readonly tries: number;
  readonly group: number | null;
  readonly priority: number;
  /** Absent: whoever may take it. */
  readonly instance?: string;
  /** Of the lane that pauses of lanes hold back. */
  readonly isApart: boolean;
  /** One child for each instance. */
  readonly fanOut: FanOutSpec | null;
}

/** Servers and runners by number: `real` are processes behind a proxy each, `fake` are played by the test. */
export type Action =
  | { readonly do: 'submit'; readonly server: number; readonly job: PlannedJob; readonly key: number | null }
  | { readonly do: 'cancel'; readonly server: number; readonly nth: number; readonly mode: CancelMode }
  | { readonly do: 'cut'; readonly real: number; readonly mode: ProxyMode; readonly forMs: number }
  | { readonly do: 'reset'; readonly real: number }
  | { readonly do: 'kill-real'; readonly real: number; readonly back: boolean }
  | { readonly do: 'freeze-real'; readonly real: number; readonly forMs: number }
  | { readonly do: 'drain-real'; readonly real: number }
  | { readonly do: 'drop-fake' | 'vanish-fake' | 'late-report' | 'twin'; readonly fake: number }
  | { readonly do: 'kill-server'; readonly server: number; readonly forMs: number }
  | { readonly do: 'freeze-server'; readonly server: number; readonly forMs: number }
  | { readonly do: 'pause'; readonly server: number; readonly kind: PauseKind; readonly forMs: number }
  | { readonly do: 'drain'; readonly server: number; readonly instance: string; readonly forMs: number }
  | { readonly do: 'crash-database' };

export interface PlannedAction {
  readonly atMs: number;
  readonly action: Action;
}

export interface Schedule {
  readonly seed: number;
  /** The clock begins when the first real runner works on all of these. */
  readonly opening: readonly Action[];
  readonly actions: readonly PlannedAction[];
}

/** For people, and to compare two runs of one seed. */
export function print({ seed, opening, actions }: Schedule): string {
  const all = [...opening.map((action) => ({ atMs: 0, action })), ...actions];
  const lines = all.map(({ atMs, action }) => `${String(atMs).padStart(6)} ms  ${JSON.stringify(action)}`);
  return `DIBS_SEED=${seed}\n${lines.join('\n')}`;
}
