import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { JobDetail, LogRow, RunnerCreated } from '@dibs/shared';
import { createTestDatabase } from '../../server/test/support/test-database.js';
import { Api, type Credentials } from './api.js';
import { leftovers, violations } from './checker.js';
import { eventually } from './eventually.js';
import { Ledger } from './ledger.js';
import { OwnDatabase } from './own-database.js';
import { PartProcess } from './part-process.js';
import { TcpProxy } from './tcp-proxy.js';

/** A database that is itself restarted is back within a second or two. */
const MOST_STARTS = 5;

export interface InstallationOptions {
  /** Default 0.1: a lease of 6 s. Restarting a server takes seconds, so tests that do it need longer leases. */
  readonly timeScale?: number;
  /** true: a PostgreSQL of its own, which the test may restart. */
  readonly ownDatabase?: boolean;
  /** How many servers share the database. Default 1. */
  readonly servers?: number;
  /** More of the servers' settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** For the node of every server, before the script. */
  readonly serverArguments?: readonly string[];
}

export interface RunnerOptions {
  readonly instance?: string;
  readonly slots?: number;
  /** More of the runner's settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Which server it connects to. Default: the first, through `proxy`. */
  readonly via?: { readonly url: string };
  readonly nodeArguments?: readonly string[];
}

/** One server process with a proxy in front for runners, and a caller of its API. */
export interface RunningServer {
  process: PartProcess;
  readonly url: string;
  readonly proxy: TcpProxy;
  readonly api: Api;
  /** Has said that it listens, and is not frozen. */
  isUp: boolean;
}

export interface RunningRunner {
  readonly instance: string;
  readonly process: PartProcess;
  readonly workDir: string;
}

/** One Dibs for one test: a real server process, real runner processes behind a proxy, a ledger beside them. */
export class Installation {
  readonly ledger: Ledger;
  readonly folder: string;
  private readonly cleanups: (() => Promise<unknown>)[] = [];
  private readonly runners: RunningRunner[] = [];
  private runnerRecord: Promise<RunnerCreated> | null = null;

  readonly servers: RunningServer[] = [];

  private constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly serverArguments: readonly string[],
    private readonly timeScale: number,
    readonly database: OwnDatabase | null,
    folder: string,
  ) {
    this.folder = folder;
    this.ledger = new Ledger(path.join(folder, 'ledger.jsonl'));
  }

  static async start({
    timeScale = 0.1,
    ownDatabase = false,
    servers = 1,
    env = {},
    serverArguments = [],
  }: InstallationOptions = {}): Promise<Installation> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-e2e-'));
    // root runs the database as another user, who must get to it
    fs.chmodSync(folder, 0o711);
    const own = ownDatabase ? await OwnDatabase.start(path.join(folder, 'database')) : null;
    const shared = own ? null : await createTestDatabase();
    const owner: Credentials = { clientId: 'e2e', clientSecret: randomBytes(24).toString('base64url') };
    const installation = new Installation(
      {
        HOST: '127.0.0.1',
        DATABASE_URL: own?.url ?? shared!.url,
        DIBS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
        DIBS_BOOTSTRAP_CLIENT_ID: owner.clientId,
        DIBS_BOOTSTRAP_CLIENT_SECRET: owner.clientSecret,
        TIME_SCALE: String(timeScale),
        LOG_LEVEL: 'debug',
        ...env,
      },
      serverArguments,
      timeScale,
      own,
      folder,
    );
    installation.cleanups.push(async () => {
      await own?.stop();
      await shared?.drop();
      fs.rmSync(folder, { recursive: true, force: true });
    });
    await Promise.all(Array.from({ length: servers }, () => installation.open(owner)));
    return installation;
  }

  get databaseUrl(): string {
    return this.env['DATABASE_URL']!;
  }

  /** Of the first server, as are the three that follow. */
  get api(): Api {
    return this.servers[0]!.api;
  }

  get url(): string {
    return this.servers[0]!.url;
  }

  get proxy(): TcpProxy {
    return this.servers[0]!.proxy;
  }

  get server(): PartProcess {
    return this.servers[0]!.process;
  }

  async killServer(index = 0): Promise<void> {
    await this.servers[index]!.process.kill();
  }

  /** As an orchestrator does: SIGTERM, and the end within its grace period. */
  async stopServer(index = 0): Promise<void> {
    const { process } = this.servers[index]!;
    process.signal('SIGTERM');
    await process.endsWithin(60_000);
  }

  /**
   * On the same port, as an orchestrator restarts it: again and again, because one that loses its database while it starts
   * ends and says so.
   */
  async startServerAgain(index = 0): Promise<void> {
    const server = this.servers[index]!;
    server.isUp = false;
    for (let starts = 1; !server.isUp; starts += 1) {
      server.process = this.spawnServer(new URL(server.url).port);
      try {
        await listeningUrl(server.process);
        server.isUp = true;
      } catch (error) {
        if (server.process.running || starts === MOST_STARTS) throw error;
      }
    }
  }

  /** It answers nothing, and its connections stay open. */
  freezeServer(index: number): void {
    const server = this.servers[index]!;
    server.isUp = false;
    server.process.signal('SIGSTOP');
  }

  thawServer(index: number): void {
    const server = this.servers[index]!;
    server.process.signal('SIGCONT');
    server.isUp = true;
  }

  /** Online when it returns. All runners here are instances of one record. */
  async startRunner({
    instance = `runner-${this.runners.length}`,
    slots = 1,
    env = {},
    via = this.proxy,
    nodeArguments = [],
  }: RunnerOptions = {}): Promise<RunningRunner> {
    const { clientId, clientSecret } = (await this.record()).credentials!;
    const workDir = path.join(this.folder, instance);
    const environment = {
      RUNNER_SERVER_URL: via.url,
      RUNNER_CLIENT_ID: clientId,
      RUNNER_CLIENT_SECRET: clientSecret,
      RUNNER_INSTANCE: instance,
      RUNNER_MAX_CONCURRENT_JOBS: String(slots),
      RUNNER_WORK_DIR: workDir,
      RUNNER_MIN_FREE_DISK_MB: '0',
      TIME_SCALE: String(this.timeScale),
      LOG_LEVEL: 'debug',
      ...env,
    };
    const process = new PartProcess(instance, 'runner/dist/main.js', environment, nodeArguments);
    const runner = { instance, process, workDir };
    this.runners.push(runner);
    await this.online(instance);
    return runner;
  }

  /** The one runner record that all instances here belong to. */
  record(): Promise<RunnerCreated> {
    return (this.runnerRecord ??= this.api.createRunner('e2e'));
  }

  async online(instance: string): Promise<void> {
    await eventually(`${instance} online`, async () => {
      const { id } = await this.record();
      const instances = await this.anyApi.instances(id);
      if (instances.some((item) => item.name === instance && item.status === 'online')) return true;
      throw new Error(JSON.stringify(instances.map(({ name, status }) => `${name} ${status}`)));
    });
  }

  /** Of a server that is up: not stopped, not frozen, and not just being started again. */
  get anyApi(): Api {
    return (this.servers.find((server) => server.isUp && server.process.running) ?? this.servers[0]!).api;
  }

  /** The stored log of every attempt. */
  async logs(job: JobDetail): Promise<Map<number, readonly LogRow[]>> {
    const logs = new Map<number, readonly LogRow[]>();
    for (const { attempt } of job.attempts) logs.set(attempt, await this.anyApi.log(job.id, attempt));
    return logs;
  }

  /** Holds the job against the ledger. @returns what is wrong */
  async judge(job: JobDetail, excused: readonly number[] = []): Promise<string[]> {
    const ledger = this.ledger.of(job.id);
    return [...violations({ job, ledger, logs: await this.logs(job), excused }), ...leftovers(ledger)];
  }

  /** What the processes said last, for the one who reads a failure. */
  tails(): string {
    const all = [...this.servers, ...this.runners].map((part) => part.process);
    return all.map((process) => `--- ${process.name}\n${process.tail()}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.runners.map(({ process }) => process.kill()));
    for (const { process } of this.servers) process.signal('SIGCONT');
    const running = this.servers.filter(({ process }) => process.running);
    await Promise.all(running.map((server) => this.stopServer(this.servers.indexOf(server))));
    for (const cleanup of this.cleanups.reverse()) await cleanup();
  }

  private async open(owner: Credentials): Promise<void> {
    const process = this.spawnServer('0');
    const url = await listeningUrl(process);
    const proxy = await TcpProxy.start(url);
    this.cleanups.push(() => proxy.stop());
    this.servers.push({ process, url, proxy, api: new Api(url, owner), isUp: true });
  }

  private spawnServer(port: string): PartProcess {
    return new PartProcess('server', 'server/dist/main.js', { ...this.env, PORT: port }, this.serverArguments);
  }
}

function listeningUrl(server: PartProcess): Promise<string> {
  return server.hears('listening', (entry) => (entry.msg === 'listening' ? (entry.url as string) : undefined));
}
