import pg from 'pg';
import { inChunks, type Peer } from './peer.js';
import type { PeerSet } from './peer-set.js';

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options?: object): Promise<void>;
  createQueue(name: string): Promise<void>;
  send(queue: string, data: object): Promise<unknown>;
  insert(queue: string, jobs: readonly { data: object }[]): Promise<unknown>;
  work(
    queue: string,
    options: object,
    handler: (jobs: readonly { data: { mark: string } }[]) => unknown,
  ): Promise<void>;
}
interface PgBossPackage {
  readonly PgBoss: new (options: object) => Boss;
}

const QUEUE = 'noop';
const QUIET = { supervise: false, schedule: false };

/** https://timgit.github.io/pg-boss, fetching full batches one after the other without a pause. */
export async function pgBoss(peers: PeerSet): Promise<Peer> {
  const { PgBoss } = await peers.load<PgBossPackage>('pg-boss');
  const open = async (options: object): Promise<Boss> => {
    const boss = new PgBoss({ ...QUIET, ...options });
    boss.on('error', (error) => console.error(error.message));
    await boss.start();
    return boss;
  };
  return {
    packages: ['pg-boss'],
    async prepare({ databaseUrl }) {
      const boss = await open({ connectionString: databaseUrl });
      await boss.createQueue(QUEUE);
      await boss.stop({ graceful: false });
    },
    async produce({ databaseUrl }) {
      const boss = await open({ connectionString: databaseUrl, max: 16, migrate: false });
      const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
      pool.on('error', (error) => console.error(error.message));
      return {
        add: (data) => boss.send(QUEUE, data),
        addMany: (all) =>
          inChunks(all, 5_000, (some) =>
            boss.insert(
              QUEUE,
              some.map((data) => ({ data })),
            ),
          ),
        pending: async () => {
          const count = `SELECT count(*)::integer AS count FROM pgboss.job WHERE name = $1 AND state < 'completed'`;
          return (await pool.query<{ count: number }>(count, [QUEUE])).rows[0]!.count;
        },
        close: async () => {
          await boss.stop({ graceful: false });
          await pool.end();
        },
      };
    },
    async work({ databaseUrl }, { concurrency }, onJob) {
      const boss = await open({ connectionString: databaseUrl, max: 10, migrate: false });
      const options = { batchSize: concurrency, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };
      await boss.work(QUEUE, options, async (jobs) => {
        for (const job of jobs) await onJob(job.data);
      });
      return () => boss.stop();
    },
  };
}
