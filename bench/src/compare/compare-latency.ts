import { setTimeout as delay } from 'node:timers/promises';
import { machineClockMs } from '../support/clock.js';
import { DispatchSampler } from '../support/dispatch-sampler.js';
import { TYPICAL_JOB } from '../support/concurrent-submits.js';
import { Moments } from '../support/moments.js';
import { percentilesOf } from '../support/percentiles.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { CompareSize } from './compare-size.js';
import { JsonPost } from './json-post.js';
import { PeerRig } from './peer-rig.js';
import type { PeerName } from './peers.js';
import { Rounds, type RoundsResult } from './rounds.js';
import type { AppendFsync } from './redis-server.js';

/** As long as between the samples of Dibs. */
const IDLE_MS = 20;
const SETTLE_MS = 500;
/** Before each turn: its first jobs find the caches of the processor full of what the others did. */
const TURN_WARM_UP = 15;

/** Submit over HTTP → process spawned, one job at a time, p50 in milliseconds of each round. All of them stay up. */
export async function compareLatency(
  postgres: PostgresServer,
  { rounds, samples, warmUp }: CompareSize,
  tell: (line: string) => void,
): Promise<RoundsResult> {
  const ends: (() => Promise<void>)[] = [];
  const figures = new Rounds();
  try {
    const bed = await TestBed.start({ postgres });
    ends.push(() => bed.stop());
    const ours = await DispatchSampler.start(bed, 1);
    const peers: [string, PeerLatency][] = [];
    for (const [name, peer, appendFsync] of RIVALS) {
      const rig = await PeerRig.start(peer, postgres, appendFsync);
      ends.push(() => rig.stop());
      peers.push([name, await PeerLatency.start(rig)]);
    }
    await ours.warmUp(warmUp);
    for (const [, peer] of peers) await peer.p50(warmUp);
    const turnWarmUp = Math.min(warmUp, TURN_WARM_UP);
    for (let round = 0; round < rounds; round += 1) {
      await ours.warmUp(turnWarmUp);
      await ours.sample(samples);
      figures.note('dibs', ours.figures.submit_to_spawn_ms.p50);
      for (const [name, peer] of peers) {
        await peer.p50(turnWarmUp);
        figures.note(name, await peer.p50(samples));
      }
      tell(`spawn latency p50, round ${round + 1}: ${JSON.stringify(figures.result('dibs').medians)} ms`);
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
  return figures.result('dibs');
}

const RIVALS: readonly (readonly [name: string, peer: PeerName, appendFsync?: AppendFsync])[] = [
  ['graphile-worker', 'graphile-worker'],
  ['bullmq appendfsync=always', 'bullmq', 'always'],
];

class PeerLatency {
  private submitted = 0;

  private constructor(
    private readonly post: JsonPost,
    private readonly moments: Moments,
  ) {}

  static async start(rig: PeerRig): Promise<PeerLatency> {
    const post = new JsonPost(await rig.front());
    const worker = await rig.worker('spawn', 1);
    const moments = new Moments([worker]);
    const ready = worker.hears('ready');
    worker.tell('go');
    await ready;
    await delay(SETTLE_MS);
    return new PeerLatency(post, moments);
  }

  async p50(samples: number): Promise<number> {
    const spawns: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      const mark = String((this.submitted += 1));
      const submittedAtMs = machineClockMs();
      await this.post.send({ ...TYPICAL_JOB, mark });
      spawns.push((await this.moments.of('process spawned', mark)) - submittedAtMs);
      await delay(IDLE_MS);
    }
    return percentilesOf(spawns).p50;
  }
}
