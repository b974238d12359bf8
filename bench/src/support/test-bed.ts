import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ClientCredentials, RunnerCreated } from '@dibs/shared';
import { HttpApi } from './http-api.js';
import { PartProcess } from './part-process.js';

/** A real server process on a durable embedded PostgreSQL of its own, all on the loopback interface. */
export class TestBed {
  private readonly parts: PartProcess[];

  private constructor(
    readonly server: PartProcess,
    readonly url: string,
    readonly api: HttpApi,
    readonly client: ClientCredentials,
    private readonly folder: string,
  ) {
    this.parts = [server];
  }

  static async start(): Promise<TestBed> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-bench-'));
    const client = { clientId: 'bench', clientSecret: randomBytes(24).toString('base64url') };
    const server = new PartProcess('server', 'server/dist/main.js', {
      HOST: '127.0.0.1',
      PORT: '0',
      // empty: the embedded one, whatever the caller's environment says
      DATABASE_URL: '',
      DIBS_DATA_DIR: folder,
      DIBS_BOOTSTRAP_CLIENT_ID: client.clientId,
      DIBS_BOOTSTRAP_CLIENT_SECRET: client.clientSecret,
      TIME_SCALE: '1',
      LOG_LEVEL: 'info',
    });
    const url = await server.next((entry) => (entry.msg === 'listening' ? String(entry.url) : undefined));
    return new TestBed(server, url, await HttpApi.signIn(url, client), client, folder);
  }

  async createRunner(name: string): Promise<ClientCredentials> {
    const created = await this.api.call<RunnerCreated>('POST', '/api/v1/runners', { name });
    return created.credentials!;
  }

  /** A process that is stopped before the server is. */
  spawn(name: string, script: string, env: Readonly<Record<string, string>>): PartProcess {
    const part = new PartProcess(name, script, env);
    this.parts.push(part);
    return part;
  }

  async spawnRunner(env: Readonly<Record<string, string>> = {}): Promise<PartProcess> {
    const { clientId, clientSecret } = await this.createRunner('bench');
    const runner = this.spawn('runner', 'runner/dist/main.js', {
      RUNNER_SERVER_URL: this.url,
      RUNNER_CLIENT_ID: clientId,
      RUNNER_CLIENT_SECRET: clientSecret,
      RUNNER_INSTANCE: 'bench-0',
      RUNNER_WORK_DIR: path.join(this.folder, 'runner'),
      RUNNER_MIN_FREE_DISK_MB: '0',
      LOG_LEVEL: 'debug',
      ...env,
    });
    return runner;
  }

  async stop(): Promise<void> {
    for (const part of this.parts.reverse()) await part.stop();
    this.api.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
