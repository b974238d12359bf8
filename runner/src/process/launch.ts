import type { Readable } from 'node:stream';
import type { TreeLeader } from './process-table.js';
import type { TreeCgroup } from './tree-cgroup.js';

/** How the direct child of a tree ended. */
export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly spawnError?: Error;
}

/** A process that is, or is about to become, the program of a tree. */
export interface Launch {
  /** null: there is no process. */
  readonly leader: TreeLeader | null;
  readonly cgroup: TreeCgroup | null;
  /** null: there is no process. */
  readonly output: { readonly stdout: Readable; readonly stderr: Readable } | null;
  /** When its program began to run, of performance.now(); null: it will not. Never rejects. */
  readonly started: Promise<number | null>;
  readonly exit: Promise<Exit>;
}

/** A prepared process ended before it became the program: nothing ran, and it may be started in another way. */
export class PreparedProcessLost extends Error {
  constructor() {
    super('the prepared process ended before the program ran');
    this.name = 'PreparedProcessLost';
  }
}
