import fs from 'node:fs';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../server/src/database/embedded/embedded-postgres.js';
import { eventually } from './eventually.js';

/** A PostgreSQL that one test may crash. Durable, so that what was committed must be there after it. */
export class OwnDatabase {
  private constructor(
    private readonly dataDir: string,
    private running: EmbeddedPostgres,
  ) {}

  static async start(dataDir: string): Promise<OwnDatabase> {
    return new OwnDatabase(dataDir, await startEmbeddedPostgres({ dataDir, durable: true }));
  }

  get url(): string {
    return this.running.url;
  }

  /** As `pg_ctl restart -m immediate`: no checkpoint, every connection cut, recovery from the log at the next start. */
  async crashAndRestart(): Promise<void> {
    const pidFile = path.join(this.dataDir, 'postgres', 'data', 'postmaster.pid');
    const pid = Number(fs.readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
    process.kill(pid, 'SIGQUIT');
    await eventually('PostgreSQL ended', () => (fs.existsSync(pidFile) ? undefined : true));
    const { url } = this.running;
    this.running = await startEmbeddedPostgres({ dataDir: this.dataDir, durable: true });
    if (this.running.url !== url) throw new Error('PostgreSQL came back on another port');
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}
