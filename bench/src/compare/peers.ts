import { bullMq } from './bullmq.peer.js';
import { graphileWorker } from './graphile-worker.peer.js';
import type { Peer } from './peer.js';
import type { PeerSet } from './peer-set.js';
import { pgBoss } from './pg-boss.peer.js';

/** Whom a TypeScript user would pick instead. Only the one that is asked for is loaded. */
export const PEERS = {
  'graphile-worker': graphileWorker,
  'pg-boss': pgBoss,
  bullmq: bullMq,
} as const satisfies Record<string, (peers: PeerSet) => Promise<Peer>>;

export type PeerName = keyof typeof PEERS;
