import { setTimeout as delay } from 'node:timers/promises';
import { machineClockMs } from '../support/clock.js';
import { drainNoopJobs } from '../support/drain.js';
import type { PartProcess } from '../support/part-process.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { CompareSize } from './compare-size.js';
import { PeerRig } from './peer-rig.js';
import type { PeerName } from './peers.js';
import type { AppendFsync } from './redis-server.js';
import { Rounds, type RoundsResult } from './rounds.js';

interface Rival {
  readonly name: string;
  readonly peer: PeerName;
  readonly concurrency: number;
  readonly appendFsync?: AppendFsync;
}
const RIVALS: readonly Rival[] = [
  { name: 'bullmq concurrency=50 appendfsync=everysec', peer: 'bullmq', concurrency: 50, appendFsync: 'everysec' },
  { name: 'pg-boss batch=500', peer: 'pg-boss', concurrency: 500 },
];
const LOOK_EVERY_MS = 5;

/** Queued no-op jobs drained per second, everything set up afresh in each round. */
export async function compareThroughput(
  postgres: PostgresServer,
  { rounds, jobs }: CompareSize,
  workers: number,
  tell: (line: string) => void,
): Promise<RoundsResult> {
  const figures = new Rounds();
  for (let round = 0; round < rounds; round += 1) {
    figures.note('dibs', await drainOurs(postgres, jobs, workers));
    for (const rival of RIVALS) {
      await postgres.checkpoint();
      figures.note(rival.name, await drainPeer(rival, postgres, jobs, workers));
    }
    await postgres.checkpoint();
    tell(`jobs/s, ${workers} worker(s), round ${round + 1}: ${JSON.stringify(figures.result('dibs').medians)}`);
  }
  return figures.result('dibs');
}

async function drainOurs(postgres: PostgresServer, jobs: number, runners: number): Promise<number> {
  const bed = await TestBed.start({ postgres });
  try {
    return (await drainNoopJobs(bed, { jobs, runners })).jobs_per_s;
  } finally {
    await bed.stop();
  }
}

/**
 * From the first job that a worker began until the peer's own store has none left. By processes that have done as many jobs
 * before as ours have.
 */
async function drainPeer(rival: Rival, postgres: PostgresServer, jobs: number, workers: number): Promise<number> {
  const rig = await PeerRig.start(rival.peer, postgres, rival.appendFsync);
  const producer = await rig.producer();
  try {
    const processes = await Promise.all(Array.from({ length: workers }, () => rig.worker('count', rival.concurrency)));
    await producer.addMany(marks(jobs));
    await Promise.all(processes.map((process) => told(process, 'go', 'ready')));
    while ((await producer.pending()) > 0) await delay(LOOK_EVERY_MS);
    await Promise.all(processes.map((process) => told(process, 'rest', 'rested')));
    await producer.addMany(marks(jobs));
    const counts = new Map<number, { count: number; firstAtMs: number }>();
    processes.forEach((process, index) =>
      process.onEntry(({ msg, count, firstAtMs }) => {
        if (msg === 'counted') counts.set(index, { count: Number(count), firstAtMs: Number(firstAtMs) });
      }),
    );
    for (const process of processes) process.tell('go');
    const total = (): number => [...counts.values()].reduce((sum, { count }) => sum + count, 0);
    while (total() < jobs) await delay(LOOK_EVERY_MS);
    while ((await producer.pending()) > 0) await delay(LOOK_EVERY_MS);
    const endedAtMs = machineClockMs();
    const begun = [...counts.values()].filter(({ count }) => count > 0);
    return Math.round((jobs / (endedAtMs - Math.min(...begun.map(({ firstAtMs }) => firstAtMs)))) * 1000);
  } finally {
    await producer.close();
    await rig.stop();
  }
}

function marks(jobs: number): { readonly mark: string }[] {
  return Array.from({ length: jobs }, (_, index) => ({ mark: String(index) }));
}

async function told(process: PartProcess, order: 'go' | 'rest', answer: string): Promise<void> {
  const heard = process.hears(answer);
  process.tell(order);
  await heard;
}
