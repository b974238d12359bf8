import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { ifThere, unlessBlind } from './kernel-view.js';

/** Where this runner makes one control group per process tree. */
export interface CgroupRoot {
  readonly folder: string;
  readonly version: 1 | 2;
}

/**
 * Run by `sh` before the command proper: the process moves itself, so that not even its first child is born outside.
 * When it cannot, the empty folder disappears, which tells the runner to look for the tree by other means.
 */
export const JOIN_SCRIPT = '{ echo 0 >"$0/cgroup.procs" || rmdir "$0" || /bin/rmdir "$0"; } 2>/dev/null; exec "$@"';

/** Removes a group and the groups below it as far as no process is left in them. true: it is gone. */
export function removeEmpty(folder: string): boolean {
  for (const child of unlessBlind(() => childFolders(folder), [])) removeEmpty(child);
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** @throws CannotLook */
export function childFolders(folder: string): string[] {
  const entries = ifThere(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}
