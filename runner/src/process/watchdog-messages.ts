import type { CgroupRoot } from './cgroup-folder.js';
import type { TreeLeader } from './process-table.js';
import type { ProcessMarker } from './process-table.js';

/** What the main thread tells the watchdog thread. */
export type ToWatchdog =
  | { readonly kind: 'watch'; readonly id: number; readonly marker: ProcessMarker; readonly memory: SharedArrayBuffer }
  | { readonly kind: 'leader'; readonly id: number; readonly leader: TreeLeader }
  | { readonly kind: 'forget'; readonly id: number };

/** And what that answers. */
export type FromWatchdog =
  | { readonly kind: 'fired'; readonly id: number }
  | { readonly kind: 'killed'; readonly id: number; readonly killed: number; readonly survivors: number };

export interface WatchdogData {
  readonly cgroupRoot: CgroupRoot | null;
  /** Between two looks at the deadlines. */
  readonly everyMs: number;
}
