import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { PostgresCluster } from './postgres-cluster.js';
import { postgresEnvironment } from './postgres-environment.js';
import { isAlive } from './process-alive.js';
import { type Postmaster, runningPostmaster } from './postmaster-file.js';

const POLL_MS = 15;
/** Recovery after a crash replays at most max_wal_size, which takes seconds. */
const READY_WITHIN_MS = 120_000;
/** A fast stop waits for a checkpoint only; after this long it becomes an immediate one. */
const STOP_WITHIN_MS = 30_000;
const DIAGNOSTICS_KEPT_BYTES = 1024 * 1024;

export interface StartedProcess {
  readonly pid: number | undefined;
  /** Fulfilled when the process has ended again, with what it said. */
  readonly ended: Promise<string>;
}

export function spawnPostgres(
  binaries: PostgresBinaries,
  cluster: PostgresCluster,
  options: { readonly port: number; readonly durable: boolean },
): StartedProcess {
  const logFile = path.join(cluster.folder, 'postgres.log');
  const keep = (fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) < DIAGNOSTICS_KEPT_BYTES;
  const log = fs.openSync(logFile, keep ? 'a' : 'w', 0o600);
  const from = fs.fstatSync(log).size;
  const child = spawn(binaries.postgres, ['-D', cluster.dataPath, ...settings(options)], {
    ...cluster.account,
    cwd: cluster.dataPath,
    env: postgresEnvironment(),
    stdio: ['ignore', log, log],
    // its own process group: Ctrl-C in the terminal must not stop it before the server has finished with it
    detached: true,
  });
  fs.closeSync(log);
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', () => resolve(saidSince(from, logFile)));
  });
  return { pid: child.pid, ended };
}

/** Nobody waits for the words of a stopped database; its folder may be gone by then. */
function saidSince(from: number, logFile: string): string {
  try {
    return fs.readFileSync(logFile).subarray(from).toString().trim();
  } catch (error) {
    return (error as Error).message;
  }
}

function settings({ port, durable }: { readonly port: number; readonly durable: boolean }): string[] {
  const values: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    // PostgreSQL takes it as it is used; with the default (128 MB) queue and history of some 50,000 jobs push each other out
    shared_buffers: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // short statements only: compiling them costs more than it saves
    jit: 'off',
    // for tests: survives a crash of the database, not one of the machine
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** @param ended of the process just started; absent: somebody else started it */
export async function waitUntilReady(cluster: PostgresCluster, ended?: Promise<string>): Promise<Postmaster | null> {
  let over = false;
  void ended?.then(() => (over = true));
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await delay(POLL_MS)) {
    const running = runningPostmaster(cluster.dataPath);
    if (running?.ready) return running;
    if (ended ? over : !running) return null;
  }
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL does not get ready; see ${path.join(cluster.folder, 'postgres.log')}`,
  );
}

/** Lets transactions roll back and writes a checkpoint; returns when the process has ended. */
export async function stopPostgres(cluster: PostgresCluster, pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  const deadline = Date.now() + STOP_WITHIN_MS;
  let insisted = false;
  while (isAlive(pid) && runningPostmaster(cluster.dataPath)?.pid === pid) {
    if (!insisted && Date.now() > deadline) {
      signal(pid, 'SIGQUIT');
      insisted = true;
    }
    await delay(POLL_MS);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
