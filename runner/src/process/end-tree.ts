import { setTimeout as delay } from 'node:timers/promises';
import { CannotLook } from './kernel-view.js';
import { type TreeLeader, findTree, stillOurs } from './process-table.js';
import type { ProcessMarker } from './process-table.js';
import { type TreeCgroup, sendSignal } from './tree-cgroup.js';

/** Everything by which the processes of a tree can be recognised. */
export interface TreeIdentity {
  readonly marker: ProcessMarker;
  /** null: only known by marker and group (after a crash of the runner). */
  readonly leader: TreeLeader | null;
  readonly cgroups: readonly TreeCgroup[];
}

export interface TreeEnd {
  readonly killed: number;
  readonly survivors: number;
}

/** Bound for trees that fork faster than they are found, and for processes that sleep uninterruptibly. */
const GIVE_UP_AFTER_MS = 5_000;

/** SIGKILL to everything of the tree, again and again until nothing of it lives. */
export function endTree(tree: TreeIdentity): Promise<TreeEnd> {
  return endAll(
    (round) => membersOf(tree, round === 0),
    () => {
      for (const cgroup of tree.cgroups) cgroup.kill();
      if (tree.leader) signalGroup(tree.leader, 'SIGKILL');
    },
  );
}

/** The same for all in a control group, whoever they belong to. */
export function endGroup(cgroup: TreeCgroup): Promise<TreeEnd> {
  return endAll(
    () => cgroup.members() ?? [],
    () => cgroup.kill(),
  );
}

async function endAll(
  living: (round: number) => number[] | Promise<number[]>,
  killTogether: () => void,
): Promise<TreeEnd> {
  const killed = new Set<number>();
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  for (let round = 0; ; round++) {
    const members = await seen(() => living(round));
    if (members?.length === 0) return { killed: killed.size, survivors: 0 };
    // of what cannot be seen at least one is assumed, so that it is said
    if (performance.now() > giveUpAt) return { killed: killed.size, survivors: members?.length ?? 1 };
    killTogether();
    for (const pid of members ?? []) {
      sendSignal(pid, 'SIGKILL');
      killed.add(pid);
    }
    await delay(Math.min(2 ** round, 50));
  }
}

/**
 * Nothing of the tree lives. The cheap answer of the cgroup is taken when there is one: everything is born in it.
 * false also when nobody can tell: what cannot be seen is not gone.
 */
export async function isTreeGone(tree: TreeIdentity): Promise<boolean> {
  const isGone = await seen(async () => {
    const inCgroups = tree.cgroups.map((cgroup) => cgroup.members());
    if (inCgroups.length > 0 && inCgroups.every((members) => members !== null)) {
      return inCgroups.every((members) => members?.length === 0);
    }
    return (await findTree(tree.marker, tree.leader)).length === 0;
  });
  return isGone ?? false;
}

/** Only to the group that this leader made: a later group may have got its number. */
export function signalGroup(leader: TreeLeader, signal: NodeJS.Signals | 0): boolean {
  return stillOurs(leader) && sendSignal(-leader.pid, signal);
}

/** Only to the leader itself: whatever it started hears nothing. */
export function signalLeader(leader: TreeLeader, signal: NodeJS.Signals | 0): boolean {
  return stillOurs(leader) && sendSignal(leader.pid, signal);
}

/** @param first members of the cgroup are enough to begin with; those who left it are searched for afterwards */
async function membersOf(tree: TreeIdentity, first: boolean): Promise<number[]> {
  const members = new Set(tree.cgroups.flatMap((cgroup) => cgroup.members() ?? []));
  if (!first || members.size === 0) for (const pid of await findTree(tree.marker, tree.leader)) members.add(pid);
  return [...members];
}

/** null: nobody can tell now. */
async function seen<Answer>(look: () => Answer | Promise<Answer>): Promise<Answer | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CannotLook) return null;
    throw error;
  }
}
