import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive } from './process-alive.js';

/** From making the file to writing into it are microseconds, unless the machine has no time for the process. */
const WRITTEN_WITHIN_MS = 10_000;

/** PostgreSQL's own record of who runs on a data directory: `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  /** null: it has not got that far yet. */
  readonly port: number | null;
  readonly ready: boolean;
  /** It takes no new connections, and ends: at once, or (smart shutdown, SIGTERM) when its clients have left. */
  readonly stopping: boolean;
}

/**
 * The PostgreSQL that runs on this data directory, or null.
 *
 * After a crash the file stays, and its pid may meanwhile belong to a process of somebody else. PostgreSQL would then
 * refuse to start for ever; so such a file is taken away. An empty one may be of a PostgreSQL that has just made it and
 * is about to write into it: without it that one would run, found by nobody, until it ends itself a minute later.
 */
export function runningPostmaster(dataPath: string): Postmaster | null {
  const text = readPostmasterFile(dataPath);
  if (text === null || (text === '' && isYoung(dataPath))) return null;
  const postmaster = parse(text);
  if (postmaster && runsOn(postmaster.pid, dataPath)) return postmaster;
  removeStale(dataPath, text);
  return null;
}

function readPostmasterFile(dataPath: string): string | null {
  try {
    return fs.readFileSync(fileIn(dataPath), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isYoung(dataPath: string): boolean {
  const made = fs.statSync(fileIn(dataPath), { throwIfNoEntry: false });
  return !made || Date.now() - made.mtimeMs < WRITTEN_WITHIN_MS;
}

/** Lines: pid, data directory, start time, port, socket directory, listen address, shared memory, status. */
function parse(text: string): Postmaster | null {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3]) || null, ready: lines[7] === 'ready', stopping: lines[7] === 'stopping' };
}

function runsOn(pid: number, dataPath: string): boolean {
  if (!isAlive(pid)) return false;
  const command = commandLineOf(pid);
  return command === null || command.includes(dataPath);
}

/** null: this machine does not tell. Empty: a process that has ended and waits to be collected. */
function commandLineOf(pid: number): string | null {
  if (process.platform === 'win32') return null;
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    const listed = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
    return listed.error ? null : listed.stdout;
  }
}

/** Moved aside and looked at once more: a server that starts at the same time may have put its own in place. */
function removeStale(dataPath: string, judged: string): void {
  const file = fileIn(dataPath);
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (fs.readFileSync(aside, 'utf8') !== judged) fs.linkSync(aside, file);
  fs.rmSync(aside);
}

function fileIn(dataPath: string): string {
  return path.join(dataPath, 'postmaster.pid');
}
