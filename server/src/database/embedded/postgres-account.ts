import fs from 'node:fs';
import path from 'node:path';

/** Whose processes and files the database's are; undefined: our own. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

const NOBODY: PostgresAccount = { uid: 65534, gid: 65534 };

/**
 * PostgreSQL refuses to run as root. So root runs it as whoever owns the data already (a folder that an ordinary
 * user started with), and as nobody when there is none yet.
 */
export function accountFor(dataPath: string): PostgresAccount | undefined {
  if (!isRoot()) return undefined;
  const owner = fs.statSync(dataPath, { throwIfNoEntry: false });
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : NOBODY;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whether every folder down to this one lets other users pass. */
export function othersCanReach(folder: string): boolean {
  const parent = path.dirname(folder);
  const open = (fs.statSync(folder).mode & 0o001) !== 0;
  return open && (parent === folder || othersCanReach(parent));
}

/** For root: a folder that only root can have made and only root can change. */
export function rootOwnedFolder(folder: string): string {
  fs.mkdirSync(folder, { recursive: true, mode: 0o711 });
  const found = fs.lstatSync(folder);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that only root can write to`);
  }
  fs.chmodSync(folder, 0o711);
  return folder;
}
