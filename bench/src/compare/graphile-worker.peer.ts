import pg from 'pg';
import { inChunks, type Peer } from './peer.js';
import type { PeerSet } from './peer-set.js';

/** What is used of the package. */
interface GraphileWorker {
  readonly Logger: new (factory: () => () => void) => object;
  readonly runMigrations: (options: object) => Promise<void>;
  readonly makeWorkerUtils: (options: object) => Promise<{
    addJob(task: string, payload: object): Promise<unknown>;
    addJobs(jobs: readonly { identifier: string; payload: object }[]): Promise<unknown>;
    release(): Promise<void>;
  }>;
  readonly run: (options: object) => Promise<{ stop(): Promise<void> }>;
}

const TASK = 'noop';

/** https://worker.graphile.org with its defaults: LISTEN/NOTIFY, one job after the other for each of its workers. */
export async function graphileWorker(peers: PeerSet): Promise<Peer> {
  const { Logger, runMigrations, makeWorkerUtils, run } = await peers.load<GraphileWorker>('graphile-worker');
  const logger = new Logger(() => () => undefined);
  return {
    packages: ['graphile-worker'],
    prepare: ({ databaseUrl }) => runMigrations({ preset: { worker: { connectionString: databaseUrl, logger } } }),
    async produce({ databaseUrl }) {
      const pgPool = new pg.Pool({ connectionString: databaseUrl, max: 16 });
      pgPool.on('error', (error) => console.error(error.message));
      const utils = await makeWorkerUtils({ pgPool, logger });
      return {
        add: (data) => utils.addJob(TASK, data),
        addMany: (all) =>
          inChunks(all, 5_000, (some) => utils.addJobs(some.map((payload) => ({ identifier: TASK, payload })))),
        pending: async () => {
          const count = 'SELECT count(*)::integer AS count FROM graphile_worker._private_jobs';
          return (await pgPool.query<{ count: number }>(count)).rows[0]!.count;
        },
        close: async () => {
          await utils.release();
          await pgPool.end();
        },
      };
    },
    async work({ databaseUrl }, { concurrency }, onJob) {
      const maxPoolSize = Math.max(10, concurrency + 2);
      const runner = await run({
        preset: { worker: { connectionString: databaseUrl, concurrentJobs: concurrency, maxPoolSize, logger } },
        noHandleSignals: true,
        taskList: { [TASK]: (data: { mark: string }) => onJob(data) },
      });
      return () => runner.stop();
    },
  };
}
