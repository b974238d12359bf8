import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { accountFor, isRoot, othersCanReach, type PostgresAccount, rootOwnedFolder } from './postgres-account.js';
import { type PostgresBinaries, renameUnlessThere, ROOT_STATE_FOLDER } from './postgres-binaries.js';
import { postgresEnvironment } from './postgres-environment.js';
import { isAlive } from './process-alive.js';

/** What one embedded database has on disk. */
export interface PostgresCluster {
  /** Ours: password, port, diagnostics. */
  readonly folder: string;
  /** PostgreSQL's own data directory. */
  readonly dataPath: string;
  readonly password: string;
  readonly account: PostgresAccount | undefined;
}

/**
 * Opens the cluster below `dataDir`, making it first when there is none.
 *
 * A cluster is made beside its place and renamed into it, password included. So a kill in the middle leaves no half
 * cluster, and of two servers that start at once one wins and the other uses the winner's; no lock is needed.
 */
export function openCluster(dataDir: string, binaries: PostgresBinaries, durable: boolean): PostgresCluster {
  const folder = placeOfCluster(dataDir);
  removeUnfinished(folder);
  if (!fs.existsSync(folder)) createCluster(folder, binaries, durable);
  const dataPath = path.join(folder, 'data');
  demandVersion(dataPath, binaries);
  return {
    folder,
    dataPath,
    password: fs.readFileSync(path.join(folder, 'password'), 'utf8').trim(),
    account: accountFor(dataPath),
  };
}

function placeOfCluster(dataDir: string): string {
  makeFolder(dataDir);
  fs.accessSync(dataDir, fs.constants.W_OK | fs.constants.X_OK);
  const inside = path.join(dataDir, 'postgres');
  if (!isRoot()) return inside;
  // others may then pass through the folder, but neither list it nor read what is 0600 in it
  const { mode, uid } = fs.statSync(dataDir);
  if (uid === 0 && (mode & 0o001) === 0) fs.chmodSync(dataDir, mode | 0o011);
  if (othersCanReach(dataDir)) return inside;
  // below a home that only root may enter: the data folder then names the place instead of holding it
  const id = writeOnce(path.join(dataDir, 'postgres-id'), randomUUID());
  return path.join(rootOwnedFolder(ROOT_STATE_FOLDER), `data-${id}`);
}

/** Not `recursive: true`: that one never returns where the system answers ENOENT for a folder it does not allow (/proc). */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    fs.mkdirSync(folder, { mode: 0o711 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** @returns what the file holds now: `content`, or what somebody else wrote before */
function writeOnce(file: string, content: string): string {
  const unfinished = `${file}.${randomUUID()}`;
  fs.writeFileSync(unfinished, content, { mode: 0o600 });
  try {
    fs.linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(unfinished, { force: true });
  }
  return fs.readFileSync(file, 'utf8').trim();
}

function createCluster(folder: string, binaries: PostgresBinaries, durable: boolean): void {
  const unfinished = `${folder}.new-${process.pid}-${randomUUID()}`;
  const dataPath = path.join(unfinished, 'data');
  fs.mkdirSync(dataPath, { recursive: true, mode: 0o700 });
  const account = accountFor(dataPath);
  fs.chmodSync(unfinished, account ? 0o711 : 0o700);
  fs.chmodSync(dataPath, 0o700);

  const password = randomBytes(32).toString('base64url');
  fs.writeFileSync(path.join(unfinished, 'password'), password, { mode: 0o600 });
  const passwordForInitdb = path.join(unfinished, 'password-for-initdb');
  fs.writeFileSync(passwordForInitdb, password, { mode: 0o600 });
  if (account) {
    fs.chownSync(dataPath, account.uid, account.gid);
    fs.chownSync(passwordForInitdb, account.uid, account.gid);
  }
  runInitdb(
    binaries,
    [...initdbWords(dataPath, passwordForInitdb), ...(durable ? [] : ['--no-sync'])],
    dataPath,
    account,
  );
  fs.rmSync(passwordForInitdb);
  renameUnlessThere(unfinished, folder);
}

function initdbWords(dataPath: string, passwordFile: string): string[] {
  const access = ['-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return ['-D', dataPath, ...access, ...text];
}

function runInitdb(
  binaries: PostgresBinaries,
  words: readonly string[],
  dataPath: string,
  account: PostgresAccount | undefined,
): void {
  const done = spawnSync(binaries.initdb, words, {
    ...account,
    cwd: dataPath,
    env: postgresEnvironment(),
    encoding: 'utf8',
  });
  if (done.status === 0) return;
  const why = done.error?.message ?? done.stderr.trim().split('\n').join(' ');
  throw new EmbeddedPostgresError(`The embedded PostgreSQL could not be set up in ${dataPath}: ${why}`);
}

/** Left by a kill in the middle of `createCluster`; those of living processes stay. */
function removeUnfinished(folder: string): void {
  const prefix = `${path.basename(folder)}.new-`;
  for (const name of fs.readdirSync(path.dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!isAlive(pid)) fs.rmSync(path.join(path.dirname(folder), name), { recursive: true, force: true });
  }
}

function demandVersion(dataPath: string, binaries: PostgresBinaries): void {
  const found = fs.readFileSync(path.join(dataPath, 'PG_VERSION'), 'utf8').trim();
  if (found === binaries.major) return;
  throw new EmbeddedPostgresError(
    `The data in ${dataPath} is of PostgreSQL ${found}, this version of Dibs brings ${binaries.major}: dump it with the older version first, or choose another DIBS_DATA_DIR.`,
  );
}
