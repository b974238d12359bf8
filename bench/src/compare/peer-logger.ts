import { machineClockMs } from '../support/clock.js';
import { LogText } from '../support/log-text.js';
import { say, setting } from '../support/worker-process.js';
import { PeerSet } from './peer-set.js';
import { type PeerName, PEERS } from './peers.js';

/**
 * A process that fills the log of one job of a peer for BENCH_SEND_MS, with lines like those of our runners. Peers take
 * a line at a time; so many are on their way at once that their answers need not be waited for.
 */
const IN_FLIGHT = 64;
/** As for our server. */
const WARM_UP_MS = 2_000;

const peer = await PEERS[setting('BENCH_PEER') as PeerName](PeerSet.find());
const sendMs = Number(setting('BENCH_SEND_MS'));
if (!peer.openLog) throw new Error('this peer keeps no logs');
const log = await peer.openLog({
  databaseUrl: setting('BENCH_PEER_DATABASE_URL'),
  redisPort: Number(setting('BENCH_PEER_REDIS_PORT')),
});
const texts = new LogText();
say({ msg: 'open' });
process.once('message', () => void fill());

async function fill(): Promise<void> {
  await fillFor(Math.min(WARM_UP_MS, sendMs));
  say({ msg: 'warm' });
  const startedAtMs = performance.now();
  const lines = await fillFor(sendMs);
  say({ msg: 'sent', lines, seconds: (performance.now() - startedAtMs) / 1000 });
}

async function fillFor(forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  let lines = 0;
  const send = async (): Promise<void> => {
    while (performance.now() < until) {
      await log.add(texts.line(`${machineClockMs().toFixed(3)} `));
      lines += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  return lines;
}
