import { type CpuTimes, readCpu } from '../support/cpu.js';
import { PartProcess } from '../support/part-process.js';
import type { PostgresServer } from '../support/postgres-server.js';
import type { PeerProducer, PeerStore } from './peer.js';
import { PeerSet } from './peer-set.js';
import { type PeerName, PEERS } from './peers.js';
import { type AppendFsync, RedisServer } from './redis-server.js';

/** One peer, set up afresh: its store, and the processes that use it. */
export class PeerRig {
  private readonly processes: PartProcess[] = [];

  private constructor(
    private readonly name: PeerName,
    private readonly peers: PeerSet,
    private readonly store: PeerStore,
    private readonly redis: RedisServer | null,
  ) {}

  static async start(name: PeerName, postgres: PostgresServer, appendFsync?: AppendFsync): Promise<PeerRig> {
    const peers = PeerSet.find();
    const redis = appendFsync ? await RedisServer.start(appendFsync) : null;
    const databaseUrl = redis ? '' : await postgres.createDatabase();
    const rig = new PeerRig(name, peers, { databaseUrl, redisPort: redis?.port ?? 0 }, redis);
    await (await PEERS[name](peers)).prepare(rig.store);
    return rig;
  }

  async producer(): Promise<PeerProducer> {
    return (await PEERS[this.name](this.peers)).produce(this.store);
  }

  /** @returns the URL jobs are posted to */
  async front(): Promise<string> {
    const { url } = await this.spawn('peer-front', {}).hears('listening');
    return `${String(url)}/jobs`;
  }

  /** @returns a process that has loaded everything and works once it is told so */
  async worker(mode: 'spawn' | 'count', concurrency: number): Promise<PartProcess> {
    const worker = this.spawn('peer-worker', { BENCH_MODE: mode, BENCH_CONCURRENCY: String(concurrency) });
    await worker.hears('loaded');
    return worker;
  }

  /** @returns a process with the log of a job open, which it fills once it is told so */
  async logger(sendMs: number): Promise<PartProcess> {
    const logger = this.spawn('peer-logger', { BENCH_SEND_MS: String(sendMs) });
    await logger.hears('open');
    return logger;
  }

  /** Of its processes and of its Redis, but not of a PostgreSQL that others use, too. */
  cpu(): CpuTimes {
    const redis = this.redis ? [this.redis.pid] : [];
    const processes = { workers: this.processes.map(({ pid }) => pid), redis };
    return readCpu({ processes, postmasterPid: null });
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await this.redis?.stop();
  }

  private spawn(script: string, env: Readonly<Record<string, string>>): PartProcess {
    const own = {
      BENCH_PEER: this.name,
      BENCH_PEER_DATABASE_URL: this.store.databaseUrl,
      BENCH_PEER_REDIS_PORT: String(this.store.redisPort),
    };
    const nodePath = this.peers.nodePath;
    const part = new PartProcess(
      `${this.name} ${script}`,
      `bench/dist/compare/${script}.js`,
      { ...own, ...env },
      nodePath,
    );
    this.processes.push(part);
    return part;
  }
}
