import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endLater } from '../support/ending.js';

export type AppendFsync = 'always' | 'everysec';

/** A Redis of its own on a free port, with its append-only file on. The `redis-server` of the PATH. */
export class RedisServer {
  private readonly hasEnded: () => void;

  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    this.hasEnded = endLater('stores', () => this.stop());
  }

  static async start(appendFsync: AppendFsync): Promise<RedisServer> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dibs-bench-redis-'));
    const port = await freePort();
    const settings = {
      ...{ bind: '127.0.0.1', port: String(port), dir: folder },
      ...{ appendonly: 'yes', appendfsync: appendFsync, 'maxmemory-policy': 'noeviction' },
    };
    const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const redis = new RedisServer(port, child, folder);
    await untilReady(child);
    return redis;
  }

  get pid(): number {
    return this.child.pid!;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close');
      this.child.kill('SIGTERM');
      await closed;
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
    this.hasEnded();
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error('redis-server ended at once')));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
