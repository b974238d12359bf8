import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Another live process uses the same work dir. */
export class WorkDirInUseError extends Error {}

interface Holder {
  readonly pid: number;
  /** When that process started, in kernel ticks: a reused pid has another. null where /proc is missing. */
  readonly started: string | null;
  /** Boot of the machine: pids and ticks begin again with every boot. */
  readonly boot: string | null;
}

/**
 * Takes the work dir for this process. A lock whose process is gone (kill -9, reboot, container restarted with the
 * same pid) is taken over. The content is put in place by link(2), so a lock is never seen half-written.
 * @returns releases the lock
 * @throws WorkDirInUseError
 */
export function lockWorkDir(path: string): () => void {
  const own: Holder = { pid: process.pid, started: startOf(process.pid), boot: bootOf() };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      if (linkIfAbsent(draft, path)) return () => rmSync(path, { force: true });
      const text = readIfPresent(path);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder && isAlive(holder, own)) {
        throw new WorkDirInUseError(`the runner process ${holder.pid} already uses this folder`);
      }
      dropStale(path, text, draft);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new WorkDirInUseError('other runner processes are starting with this folder');
}

/** Moves the lock away first: should another process have taken it over in between, it is put back. */
function dropStale(path: string, staleText: string, draft: string): void {
  const aside = `${draft}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readIfPresent(aside) !== staleText) linkIfAbsent(aside, path);
  rmSync(aside, { force: true });
}

function isAlive(holder: Holder, own: Holder): boolean {
  if (holder.boot !== own.boot) return false;
  if (holder.pid === own.pid) return false;
  if (holder.started !== null) return startOf(holder.pid) === holder.started;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function linkIfAbsent(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    if (!value || typeof value.pid !== 'number') return null;
    return { pid: value.pid, started: value.started ?? null, boot: value.boot ?? null };
  } catch {
    return null;
  }
}

/** Field 22 of /proc/PID/stat; the name before it may hold blanks and parentheses. A zombie holds nothing. */
function startOf(pid: number): string | null {
  const stat = readIfPresent(`/proc/${pid}/stat`);
  if (!stat) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

function bootOf(): string | null {
  return readIfPresent('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
}
