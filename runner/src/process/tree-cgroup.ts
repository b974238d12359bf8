import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CgroupRoot, JOIN_SCRIPT, childFolders, removeEmpty } from './cgroup-folder.js';
import { type TreeLeader, readProcess } from './process-table.js';
import type { ProcessMarker } from './process-table.js';

let made = 0;
let startTicks: string | undefined;
const PREPARED_PREFIX = 'prepared-';
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

  /** Of a process that is to join it before anybody knows for which attempt. Named after this runner process. */
  static prepare(root: CgroupRoot | null): TreeCgroup | null {
    return make(root, `${PREPARED_PREFIX}${ownStartTicks()}.`);
  }

  /** The prepared ones of runner processes that are gone: nothing in them has a right to live. */
  static abandoned(root: CgroupRoot | null): TreeCgroup[] {
    if (!root) return [];
    return childFolders(root.folder)
      .filter(isAbandoned)
      .map((folder) => new TreeCgroup(folder, root.version));
  }

  /** The one that a prepared leader is in. */
  static ofLeader(root: CgroupRoot | null, leader: TreeLeader | null): TreeCgroup[] {
    return root && leader?.cgroupFolder !== undefined ? [new TreeCgroup(leader.cgroupFolder, root.version)] : [];
  }

  /** The groups that trees of this attempt were in, also those of an earlier runner process. */
  static ofAttempt(root: CgroupRoot | null, marker: ProcessMarker): TreeCgroup[] {
    if (!root) return [];
    const prefix = join(root.folder, attemptPrefix(marker));
    return childFolders(root.folder)
      .filter((folder) => folder.startsWith(prefix))
      .map((folder) => new TreeCgroup(folder, root.version));
  }

  /** Whoever writes 0 to it joins. */
  get membersFile(): string {
    return join(this.folder, MEMBERS_FILE);
  }

  /** argv that joins the group and then becomes `command` under the same pid. Costs about 1 ms. */
  wrap(command: readonly string[]): string[] {
    return ['/bin/sh', '-c', JOIN_SCRIPT, this.folder, ...command];
  }

  /** Living members; null: nobody could ever join. */
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
    for (const pid of membersOf(this.folder)) sendSignal(pid, 'SIGKILL');
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

/** A pid alone says little: in a container the next runner process often gets the same one. */
function isAbandoned(folder: string): boolean {
  const [, ticks, pid] = /^prepared-(\d+)\.(\d+)-\d+$/.exec(basename(folder)) ?? [];
  return ticks !== undefined && readProcess(Number(pid))?.startTicks !== ticks;
}

function ownStartTicks(): string {
  return (startTicks ??= readProcess(process.pid)?.startTicks ?? '0');
}

function attemptPrefix({ jobId, attempt }: ProcessMarker): string {
  return `${jobId.replace(/[^A-Za-z0-9_-]/g, '_')}.${attempt}.`;
}

function membersOf(folder: string): number[] {
  let pids: number[] = [];
  try {
    pids = readFileSync(join(folder, MEMBERS_FILE), 'latin1').split('\n').map(Number);
  } catch {
    // gone meanwhile
  }
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
