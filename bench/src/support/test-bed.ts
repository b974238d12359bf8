import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ClientCredentials, RunnerCreated } from '@dibs/shared';
import pg from 'pg';
import { endLater } from './ending.js';
import { HttpApi } from './http-api.js';
import { PartProcess } from './part-process.js';
import { PostgresServer } from './postgres-server.js';

export interface TestBedOptions {
  /** A cluster that lives longer than the bed; absent: one of its own. */
  readonly postgres?: PostgresServer;
  /** More of the server's settings. */
  readonly serverEnv?: Readonly<Record<string, string>>;
}

/** A real server process on a durable PostgreSQL, all on the loopback interface. */
export class TestBed {
  private readonly parts: PartProcess[] = [];
  private readonly cleanups: (() => Promise<unknown>)[] = [];
  private readonly hasEnded: () => void;
  private runner: RunnerCreated | null = null;
  private running!: { server: PartProcess; readonly url: string; readonly api: HttpApi };

  private constructor(
    readonly postgres: PostgresServer,
    readonly database: pg.Pool,
    readonly client: ClientCredentials,
    readonly folder: string,
    private readonly serverEnv: Readonly<Record<string, string>>,
  ) {
    this.hasEnded = endLater('stores', () => Promise.resolve(this.removeFolder()));
  }

  static async start({ postgres: given, serverEnv = {} }: TestBedOptions = {}): Promise<TestBed> {
    const postgres = given ?? (await PostgresServer.start());
    const databaseUrl = await postgres.createDatabase();
    const client = { clientId: 'bench', clientSecret: randomBytes(24).toString('base64url') };
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-bench-'));
    const bed = new TestBed(postgres, new pg.Pool({ connectionString: databaseUrl, max: 4 }), client, folder, {
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      DIBS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      DIBS_BOOTSTRAP_CLIENT_ID: client.clientId,
      DIBS_BOOTSTRAP_CLIENT_SECRET: client.clientSecret,
      TIME_SCALE: '1',
      LOG_LEVEL: 'info',
      // as the image of the server and `npm start` set it
      NODE_OPTIONS: '--max-semi-space-size=64',
      ...serverEnv,
    });
    // cut by the end of the cluster: nobody waits for it any more
    bed.database.on('error', () => undefined);
    bed.cleanups.push(() => bed.database.end());
    if (!given) bed.cleanups.push(() => postgres.stop());
    const { server, url } = await bed.startServer('0');
    bed.running = { server, url, api: await HttpApi.signIn(url, client) };
    return bed;
  }

  get server(): PartProcess {
    return this.running.server;
  }

  get url(): string {
    return this.running.url;
  }

  get api(): HttpApi {
    return this.running.api;
  }

  /** As a crash does: nothing is said to anybody. Then another one starts on the same port and database. */
  async replaceServer(): Promise<void> {
    await this.server.kill();
    const { server } = await this.startServer(new URL(this.url).port);
    this.running.server = server;
  }

  /** All instances of a benchmark belong to one runner record. */
  async runnerCredentials(): Promise<ClientCredentials> {
    this.runner ??= await this.api.call<RunnerCreated>('POST', '/api/v1/runners', { name: 'bench' });
    return this.runner.credentials!;
  }

  /** A process that is stopped before the server is. */
  spawn(name: string, script: string, env: Readonly<Record<string, string>>): PartProcess {
    const part = new PartProcess(name, script, env);
    this.parts.push(part);
    return part;
  }

  /** @returns real runner processes of one record, all of them connected */
  async spawnRunners(count: number, env: Readonly<Record<string, string>> = {}): Promise<PartProcess[]> {
    const { clientId, clientSecret } = await this.runnerCredentials();
    const runners = Array.from({ length: count }, (_, index) =>
      this.spawn(`runner ${index}`, 'runner/dist/main.js', {
        RUNNER_SERVER_URL: this.url,
        RUNNER_CLIENT_ID: clientId,
        RUNNER_CLIENT_SECRET: clientSecret,
        RUNNER_INSTANCE: `bench-${index}`,
        RUNNER_WORK_DIR: path.join(this.folder, `runner-${index}`),
        RUNNER_MIN_FREE_DISK_MB: '0',
        LOG_LEVEL: 'info',
        // as the image of the runner and `npm start` set them
        MALLOC_ARENA_MAX: '1',
        NODE_OPTIONS: '--max-semi-space-size=8',
        ...env,
      }),
    );
    await Promise.all(runners.map((runner) => runner.hears('connected')));
    return runners;
  }

  async stop(): Promise<void> {
    await Promise.all(this.parts.reverse().map((part) => part.stop()));
    await this.server.stop();
    this.api.close();
    for (const cleanUp of this.cleanups) await cleanUp();
    this.removeFolder();
    this.hasEnded();
  }

  private removeFolder(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async startServer(port: string): Promise<{ server: PartProcess; url: string }> {
    const server = new PartProcess('server', 'server/dist/main.js', { ...this.serverEnv, PORT: port });
    const { url } = await server.hears('listening');
    return { server, url: String(url) };
  }
}
