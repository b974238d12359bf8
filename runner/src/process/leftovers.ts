import type { CgroupRoot } from './cgroup.js';
import type { ProcessMarker } from './process-tree.js';

export interface Leftovers {
  readonly marker: ProcessMarker;
  readonly cgroupRoot: CgroupRoot | null;
}

/**
 * Ends what an attempt left behind when the runner itself was killed. Needs nothing but the marker: pids may have
 * been reused since, so only processes that carry the marker (or sit in the attempt's cgroup) are touched.
 * Returns how many were killed and how many could not be.
 */
export function killLeftovers(_leftovers: Leftovers): Promise<{ killed: number; survivors: number }> {
  throw new Error('in work');
}
