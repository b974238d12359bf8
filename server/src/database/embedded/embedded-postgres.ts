import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterUsers } from './cluster-users.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { choosePort, rememberPort } from './free-port.js';
import { findBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { openCluster, type PostgresCluster } from './postgres-cluster.js';
import { spawnPostgres, stopPostgres, waitUntilReady } from './postgres-process.js';
import { type Postmaster, runningPostmaster } from './postmaster-file.js';

export interface EmbeddedPostgres {
  /** Superuser connection string, password included. */
  readonly url: string;
  /** true: it was running already, left by a server that was killed or used by another one. */
  readonly adopted: boolean;
  /** Stops it, unless another living process uses it too. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** false, for tests: commits survive a crash of the database, but not one of the machine. Default true. */
  readonly durable?: boolean;
}

const MAX_STARTS = 5;
/**
 * What PostgreSQL says while processes of the one before, which has just been stopped, are still ending; and while
 * somebody else's has made its lock file but not yet written into it.
 */
const PASSES = /shared memory block .* is still in use|lock file .* is empty/;
/** A PostgreSQL whose folder was removed under it notices so once a minute, and ends. */
const PASSES_WITHIN_MS = 90_000;
const RETRY_MS = 100;

/**
 * Starts this project's own PostgreSQL below `dataDir`, or adopts the one that runs there.
 *
 * There is no lock of ours: PostgreSQL lets one process only run on a data directory, and whoever comes second
 * adopts it. It listens on 127.0.0.1 alone and asks for the random password beside the data.
 *
 * @throws EmbeddedPostgresError with one line for people
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(options.dataDir);
  try {
    const binaries = findBinaries();
    const durable = options.durable ?? true;
    const cluster = openCluster(dataDir, binaries, durable);
    const users = new ClusterUsers(cluster.folder);
    await users.enter();
    const { postmaster, adopted } = await adoptOrStart(binaries, cluster, durable);
    return {
      url: `postgres://postgres:${cluster.password}@127.0.0.1:${postmaster.port}/postgres`,
      adopted,
      stop: () => users.leave(() => stopPostgres(cluster, postmaster.pid)),
    };
  } catch (error) {
    throw forPeople(error, dataDir);
  }
}

async function adoptOrStart(
  binaries: PostgresBinaries,
  cluster: PostgresCluster,
  durable: boolean,
): Promise<{ postmaster: Postmaster; adopted: boolean }> {
  let said = '';
  const deadline = Date.now() + PASSES_WITHIN_MS;
  for (let failures = 0; failures < MAX_STARTS;) {
    const running = runningPostmaster(cluster.dataPath);
    // one that waits for its clients to leave is not waited for: they may be connected for ever
    if (running?.stopping) await stopPostgres(cluster, running.pid);
    const found = running && (await waitUntilReady(cluster));
    if (found) return { postmaster: found, adopted: true };

    const port = await choosePort(cluster.folder);
    const { pid, ended } = spawnPostgres(binaries, cluster, { port, durable });
    const started = await waitUntilReady(cluster, ended);
    if (started) {
      // another server's may have been faster: ours then gives up by itself
      if (started.pid === pid) rememberPort(cluster.folder, port);
      return { postmaster: started, adopted: started.pid !== pid };
    }
    // the port was taken a moment ago, or another server's is starting: look again
    said = await ended;
    if (PASSES.test(said) && Date.now() < deadline) await delay(RETRY_MS);
    else failures += 1;
  }
  throw new EmbeddedPostgresError(`The embedded PostgreSQL does not start: ${said.split('\n').slice(-3).join(' ')}`);
}

const UNUSABLE_FOLDER = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENOSPC']);

function forPeople(error: unknown, dataDir: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error instanceof EmbeddedPostgresError || !UNUSABLE_FOLDER.has(code)) return error;
  return new EmbeddedPostgresError(
    `The data folder ${dataDir} cannot be used (${code}); make it writable or set DIBS_DATA_DIR to another folder.`,
    { cause: error },
  );
}
