import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { endLater } from './ending.js';

/** What is used of the server's own launcher; it is loaded as built, like every other part under test. */
interface EmbeddedLauncher {
  readonly startEmbeddedPostgres: (options: { dataDir: string; durable: boolean }) => Promise<EmbeddedPostgres>;
}
interface EmbeddedPostgres {
  readonly url: string;
  stop(): Promise<void>;
}
const LAUNCHER = 'server/dist/database/embedded/embedded-postgres.js';

/**
 * A PostgreSQL with default durability. Without BENCH_DATABASE_URL it is the embedded one, started for this run; with
 * it databases are made, and dropped again, in the cluster it names.
 */
export class PostgresServer {
  private readonly databases: string[] = [];
  private readonly admin: pg.Pool;
  private readonly hasEnded: () => void;
  private stopping: Promise<void> | null = null;

  private constructor(
    private readonly rootUrl: string,
    private readonly shutDown: () => Promise<void>,
  ) {
    this.admin = new pg.Pool({ connectionString: rootUrl, max: 1 });
    // cut by the end of the cluster: nobody waits for it any more
    this.admin.on('error', () => undefined);
    this.hasEnded = endLater('stores', () => this.stop());
  }

  static async start(): Promise<PostgresServer> {
    const given = process.env.BENCH_DATABASE_URL;
    if (given) return new PostgresServer(given, () => Promise.resolve());
    const { startEmbeddedPostgres } = (await import(pathToFileURL(path.resolve(LAUNCHER)).href)) as EmbeddedLauncher;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-bench-pg-'));
    // root runs the database as another user, who must get to it
    fs.chmodSync(folder, 0o711);
    // a signal may come while it starts
    let starting: Promise<EmbeddedPostgres> | null = null;
    let stopping: Promise<void> | null = null;
    const shutDown = async (): Promise<void> => {
      await (await starting)?.stop();
      fs.rmSync(folder, { recursive: true, force: true });
      hasEnded();
    };
    const hasEnded = endLater('stores', () => (stopping ??= shutDown()));
    starting = startEmbeddedPostgres({ dataDir: folder, durable: true });
    return new PostgresServer((await starting).url, () => (stopping ??= shutDown()));
  }

  /** @returns the URL of a new, empty database */
  async createDatabase(): Promise<string> {
    const name = `dibs_bench_${randomBytes(6).toString('hex')}`;
    await this.admin.query(`CREATE DATABASE ${name}`);
    this.databases.push(name);
    const url = new URL(this.rootUrl);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** Parent of all its processes; null: it does not run on this machine. */
  async postmasterPid(): Promise<number | null> {
    const { rows } = await this.admin.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    try {
      const stat = fs.readFileSync(`/proc/${rows[0]!.pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      return null;
    }
  }

  /** So that one setting does not pay for the writing that another left behind. */
  async checkpoint(): Promise<void> {
    await this.admin.query('CHECKPOINT');
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  private async end(): Promise<void> {
    try {
      for (const name of this.databases) await this.admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    } finally {
      await this.admin.end();
      await this.shutDown();
      this.hasEnded();
    }
  }
}
