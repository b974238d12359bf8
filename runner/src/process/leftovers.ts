import type { CgroupRoot } from './cgroup-folder.js';
import { type TreeEnd, endTree } from './end-tree.js';
import type { ProcessMarker } from './process-tree.js';
import { TreeCgroup } from './tree-cgroup.js';

export interface Leftovers {
  readonly marker: ProcessMarker;
  readonly cgroupRoot: CgroupRoot | null;
}

/**
 * Ends what an attempt left behind when the runner itself was killed. Needs nothing but the marker: pids may have
 * been reused since, so only processes that carry the marker (and their descendants) or sit in a cgroup of the
 * attempt are touched. Returns how many were killed and how many could not be.
 */
export async function killLeftovers({ marker, cgroupRoot }: Leftovers): Promise<TreeEnd> {
  const cgroups = TreeCgroup.ofAttempt(cgroupRoot, marker);
  const end = await endTree({ marker, leader: null, cgroups });
  await Promise.all(cgroups.map((cgroup) => cgroup.remove()));
  return end;
}
