import { inChunks, type Peer } from './peer.js';
import type { PeerSet } from './peer-set.js';

interface Queue {
  waitUntilReady(): Promise<unknown>;
  add(name: string, data: object): Promise<{ log(line: string): Promise<number> }>;
  addBulk(jobs: readonly { name: string; data: object }[]): Promise<unknown>;
  close(): Promise<void>;
  getJobCounts(...states: string[]): Promise<Readonly<Record<string, number>>>;
}
interface BullMqPackage {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (
    name: string,
    handler: (job: { data: { mark: string } }) => unknown,
    options: object,
  ) => {
    on(event: 'error', listener: (error: Error) => void): void;
    waitUntilReady(): Promise<unknown>;
    close(): Promise<void>;
  };
}

const NAME = 'noop';

/** https://docs.bullmq.io on a Redis whose durability the comparison chooses. */
export async function bullMq(peers: PeerSet): Promise<Peer> {
  const { Queue, Worker } = await peers.load<BullMqPackage>('bullmq');
  const connectionTo = (port: number) => ({ host: '127.0.0.1', port });
  return {
    packages: ['bullmq', 'ioredis'],
    prepare: () => Promise.resolve(),
    async produce({ redisPort }) {
      const defaultJobOptions = { removeOnComplete: true };
      const queue = new Queue(NAME, { connection: connectionTo(redisPort), defaultJobOptions });
      await queue.waitUntilReady();
      return {
        add: (data) => queue.add(NAME, data),
        addMany: (all) => inChunks(all, 5_000, (some) => queue.addBulk(some.map((data) => ({ name: NAME, data })))),
        pending: async () => {
          const counts = await queue.getJobCounts('waiting', 'active', 'prioritized', 'paused');
          return Object.values(counts).reduce((sum, count) => sum + count, 0);
        },
        close: () => queue.close(),
      };
    },
    async openLog({ redisPort }) {
      const queue = new Queue(NAME, { connection: connectionTo(redisPort) });
      const job = await queue.add(NAME, {});
      return { add: (line) => job.log(line) };
    },
    async work({ redisPort }, { concurrency }, onJob) {
      const connection = { ...connectionTo(redisPort), maxRetriesPerRequest: null };
      const worker = new Worker(NAME, (job) => onJob(job.data), {
        ...{ connection, concurrency },
        removeOnComplete: { count: 0 },
      });
      worker.on('error', (error) => console.error(error.message));
      await worker.waitUntilReady();
      return () => worker.close();
    },
  };
}
