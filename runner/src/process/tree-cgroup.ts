import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CgroupRoot, JOIN_SCRIPT, childFolders, removeEmpty } from './cgroup-folder.js';
import { ifThere, unlessBlind } from './kernel-view.js';
import { type TreeLeader, readProcess } from './process-table.js';
import type { ProcessMarker } from './process-table.js';

let made = 0;
const MEMBERS_FILE = 'cgroup.procs';

/** The control group of one process tree: knows every member, wherever it forked to, and can kill them in one go. */
export class TreeCgroup {
  constructor(
    readonly folder: string,
    private readonly version: 1 | 2,
  ) {}

  /** null: this host has none, or it refused just now (limits); the tree then runs without. */
  static create(root: CgroupRoot | null, marker: ProcessMarker): TreeCgroup | null {
    return make(root, attemptPrefix(marker));
  }

  /** Of a process that is to join it before anybody knows for which attempt. */
  static prepare(root: CgroupRoot | null, owner: string): TreeCgroup | null {
    return make(root, preparedPrefix(owner));
  }

  /** Those that were prepared for this owner. */
  static ofOwner(root: CgroupRoot | null, owner: string): TreeCgroup[] {
    return withPrefix(root, preparedPrefix(owner));
  }

  /** The one that a prepared leader is in. */
  static ofLeader(root: CgroupRoot | null, leader: TreeLeader | null): TreeCgroup[] {
    return root && leader?.cgroupFolder !== undefined ? [new TreeCgroup(leader.cgroupFolder, root.version)] : [];
  }

  /** The groups that trees of this attempt were in, also those of an earlier runner process. */
  static ofAttempt(root: CgroupRoot | null, marker: ProcessMarker): TreeCgroup[] {
    return withPrefix(root, attemptPrefix(marker));
  }

  /** Whoever writes 0 to it joins. */
  get membersFile(): string {
    return join(this.folder, MEMBERS_FILE);
  }

  /** argv that joins the group and then becomes `command` under the same pid. Costs about 1 ms. */
  wrap(command: readonly string[]): string[] {
    return ['/bin/sh', '-c', JOIN_SCRIPT, this.folder, ...command];
  }

  /** Living members; null: nobody could ever join. @throws CannotLook */
  members(): number[] | null {
    if (!existsSync(this.folder)) return null;
    return membersOf(this.folder).filter((pid) => readProcess(pid)?.dead === false);
  }

  /** One round of SIGKILL to all members. A fork bomb cannot outrun it: the kernel does it, or the group is frozen first. */
  kill(): void {
    if (this.version === 2 && write(join(this.folder, 'cgroup.kill'), '1')) return;
    // Kernels before 5.14, and v1. A frozen v2 member dies of SIGKILL, a v1 one once it is thawed.
    const [file, freeze, thaw] =
      this.version === 2 ? (['cgroup.freeze', '1', '0'] as const) : (['freezer.state', 'FROZEN', 'THAWED'] as const);
    write(join(this.folder, file), freeze);
    for (const pid of unlessBlind(() => membersOf(this.folder), [])) sendSignal(pid, 'SIGKILL');
    write(join(this.folder, file), thaw);
  }

  /** The kernel refuses for some milliseconds after the last member has died. */
  async remove(): Promise<void> {
    for (let tries = 0; !removeEmpty(this.folder) && tries < 50; tries++) await delay(10);
  }
}

/** false: no such process, or not ours to signal. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function make(root: CgroupRoot | null, prefix: string): TreeCgroup | null {
  if (!root) return null;
  const folder = join(root.folder, `${prefix}${process.pid}-${++made}`);
  try {
    mkdirSync(folder, { recursive: true });
    return new TreeCgroup(folder, root.version);
  } catch {
    return null;
  }
}

/** @throws CannotLook */
function withPrefix(root: CgroupRoot | null, prefix: string): TreeCgroup[] {
  if (!root) return [];
  return childFolders(root.folder)
    .filter((folder) => basename(folder).startsWith(prefix))
    .map((folder) => new TreeCgroup(folder, root.version));
}

function preparedPrefix(owner: string): string {
  return `prepared-${owner}.`;
}

function attemptPrefix({ jobId, attempt }: ProcessMarker): string {
  return `${jobId.replace(/[^A-Za-z0-9_-]/g, '_')}.${attempt}.`;
}

/** @throws CannotLook */
function membersOf(folder: string): number[] {
  const shown = ifThere(() => readFileSync(join(folder, MEMBERS_FILE), 'latin1')) ?? ''; // gone meanwhile
  const pids = shown.split('\n').map(Number);
  // 0: a member outside of our pid namespace.
  return [...pids.filter((pid) => pid > 0 && pid !== process.pid), ...childFolders(folder).flatMap(membersOf)];
}

function write(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return true;
  } catch {
    return false;
  }
}
