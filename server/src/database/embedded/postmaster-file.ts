import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive } from './process-alive.js';

/** PostgreSQL's own record of who runs on a data directory: `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  /** null: it has not got that far yet. */
  readonly port: number | null;
  readonly ready: boolean;
}

/**
 * The PostgreSQL that runs on this data directory, or null.
 *
 * After a crash the file stays, and its pid may meanwhile belong to a process of somebody else. PostgreSQL would then
 * refuse to start for ever; so such a file is taken away.
 */
export function runningPostmaster(dataPath: string): Postmaster | null {
  const text = readPostmasterFile(dataPath);
  if (text === null) return null;
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

/** Lines: pid, data directory, start time, port, socket directory, listen address, shared memory, status. */
function parse(text: string): Postmaster | null {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3]) || null, ready: lines[7] === 'ready' };
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
