import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { isRoot, othersCanReach, rootOwnedFolder } from './postgres-account.js';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Major version: a data folder can be opened by the same one only. */
  readonly major: string;
}

/** Where root keeps what the database's own account must be able to read. */
export const ROOT_STATE_FOLDER = '/var/lib/dibs';

/** The npm-shipped binaries of this platform, ready to run. */
export function findBinaries(): PostgresBinaries {
  const { folder, version } = locatePackage();
  repairLibraryLinks(folder);
  const native = path.join(folder, 'native');
  const runnable = isRoot() && !othersCanReach(native) ? copyForOthers(native, version) : native;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    postgres: path.join(runnable, 'bin', `postgres${suffix}`),
    initdb: path.join(runnable, 'bin', `initdb${suffix}`),
    major: version.split('.', 1)[0] ?? '',
  };
}

function locatePackage(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const folder = path.resolve(path.dirname(require.resolve(name)), '..');
    const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed); set DATABASE_URL to a PostgreSQL 14 or newer.`,
      { cause },
    );
  }
}

/** The package makes the links of its shared libraries in an install script, which many machines do not run. */
function repairLibraryLinks(folder: string): void {
  const listFile = path.join(folder, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(listFile)) return;
  const links = JSON.parse(fs.readFileSync(listFile, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(folder, target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // another server that starts at the same time was faster
      if (code === 'EEXIST') continue;
      throw new EmbeddedPostgresError(
        `The embedded PostgreSQL lacks links that its install script makes, and ${folder} cannot be written to (${code}); run: npm rebuild`,
        { cause: error },
      );
    }
  }
}

/** The project lies where only root may pass (its home, say): the database's account needs a copy elsewhere. */
function copyForOthers(native: string, version: string): string {
  const shelf = rootOwnedFolder(ROOT_STATE_FOLDER);
  const copy = path.join(shelf, `postgres-${version}-${process.arch}`);
  if (fs.existsSync(copy)) return rootOwnedFolder(copy);
  const unfinished = `${copy}.${randomUUID()}`;
  fs.cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  // a restrictive umask may have closed the copy to others
  spawnSync('chmod', ['-R', 'u=rwX,go=rX', unfinished]);
  renameUnlessThere(unfinished, copy);
  return copy;
}

/** Whoever finishes first wins; the other's work is thrown away. */
export function renameUnlessThere(finished: string, target: string): void {
  try {
    fs.renameSync(finished, target);
  } catch (error) {
    if (!fs.existsSync(target)) throw error;
    fs.rmSync(finished, { recursive: true, force: true });
  }
}
