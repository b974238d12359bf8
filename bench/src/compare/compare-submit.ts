import { submitConcurrently } from '../support/concurrent-submits.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { TestBed } from '../support/test-bed.js';
import type { CompareSize } from './compare-size.js';
import { JsonPost } from './json-post.js';
import { PeerRig } from './peer-rig.js';
import type { PeerName } from './peers.js';
import type { AppendFsync } from './redis-server.js';
import { Rounds, type RoundsResult } from './rounds.js';

const CALLERS = 16;

/** One job per request by 16 callers while no worker runs, p50 in milliseconds of each round. */
export async function compareSubmit(
  postgres: PostgresServer,
  { rounds, submits }: CompareSize,
  tell: (line: string) => void,
): Promise<RoundsResult> {
  const ends: (() => Promise<void>)[] = [];
  const figures = new Rounds();
  const contestants: [string, (body: object) => Promise<unknown>][] = [];
  try {
    const bed = await TestBed.start({ postgres });
    ends.push(() => bed.stop());
    contestants.push(['dibs', (body) => bed.api.call('POST', '/api/v1/jobs', body)]);
    for (const [name, peer, appendFsync] of RIVALS) {
      const rig = await PeerRig.start(peer, postgres, appendFsync);
      ends.push(() => rig.stop());
      const front = new JsonPost(await rig.front());
      contestants.push([name, (body) => front.send(body)]);
    }
    for (const [, post] of contestants) await submitConcurrently(post, { callers: CALLERS, jobs: submits });
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, post] of contestants) {
        const { ms } = await submitConcurrently(post, { callers: CALLERS, jobs: submits });
        figures.note(name, ms.p50);
      }
      tell(`submit p50, round ${round + 1}: ${JSON.stringify(figures.result('dibs').medians)} ms`);
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
  return figures.result('dibs');
}

const RIVALS: readonly (readonly [name: string, peer: PeerName, appendFsync?: AppendFsync])[] = [
  ['graphile-worker', 'graphile-worker'],
  ['bullmq appendfsync=everysec', 'bullmq', 'everysec'],
];
