import { spawn } from 'node:child_process';
import { machineClockMs } from '../support/clock.js';
import { say, setting } from '../support/worker-process.js';
import { PeerSet } from './peer-set.js';
import { type PeerName, PEERS } from './peers.js';

/**
 * A worker process of a peer: works when it is told so, until it is told to `rest`. BENCH_MODE `spawn`: starts a process for
 * each job and says when it was there, as a runner does; `count`: does nothing, and says how many there were.
 */
const TELL_EVERY_MS = 20;

const peer = await PEERS[setting('BENCH_PEER') as PeerName](PeerSet.find());
const store = {
  databaseUrl: setting('BENCH_PEER_DATABASE_URL'),
  redisPort: Number(setting('BENCH_PEER_REDIS_PORT')),
};
const options = { concurrency: Number(setting('BENCH_CONCURRENCY')) };

let count = 0;
let firstAtMs = 0;

const mode = setting('BENCH_MODE');
if (mode === 'count') setInterval(() => say({ msg: 'counted', count, firstAtMs }), TELL_EVERY_MS);
say({ msg: 'loaded' });
let rest: () => Promise<unknown> = () => Promise.resolve();
process.on('message', (order) => void (order === 'rest' ? stop() : start()));

async function start(): Promise<void> {
  rest = await peer.work(store, options, mode === 'spawn' ? spawned : counted);
  say({ msg: 'ready' });
}

/** What was done until now does not count. */
async function stop(): Promise<void> {
  await rest();
  count = 0;
  say({ msg: 'rested' });
}

function counted(): void {
  if (count === 0) firstAtMs = machineClockMs();
  count += 1;
}

function spawned({ mark }: { readonly mark: string }): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('/bin/true', { stdio: ['ignore', 'pipe', 'pipe'] });
    child.once('spawn', () => say({ msg: 'process spawned', jobId: mark, atMs: machineClockMs() }));
    child.once('close', () => resolve());
  });
}
