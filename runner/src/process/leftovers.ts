import type { CgroupRoot } from './cgroup-folder.js';
import { type TreeEnd, endGroup, endTree } from './end-tree.js';
import type { ProcessMarker } from './process-table.js';
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

/**
 * Ends everything in the control groups that an earlier runner process prepared: what had become the program of a step, and
 * what that started. The groups do not tell of which attempt. To be called before this process prepares any.
 * @param owner whose work dir this process has locked: no other runner process has anything there
 */
export async function killAbandoned(cgroupRoot: CgroupRoot | null, owner: string): Promise<TreeEnd> {
  const ends = await Promise.all(
    TreeCgroup.ofOwner(cgroupRoot, owner).map(async (cgroup) => {
      const end = await endGroup(cgroup);
      await cgroup.remove();
      return end;
    }),
  );
  const sum = (of: (end: TreeEnd) => number): number => ends.reduce((total, end) => total + of(end), 0);
  return { killed: sum((end) => end.killed), survivors: sum((end) => end.survivors) };
}
