import type { Spool } from './spool.js';

export interface JobLogOptions {
  readonly spool: Spool;
  readonly secrets: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Output in, numbered and masked lines out. */
export declare class JobLog {
  constructor(options: JobLogOptions);
  readonly lastSeq: number;
  /** A returned promise holds the step's pipe back. */
  write(step: number, stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> | undefined;
  /** A line of the runner's own; step -1: preparation. */
  system(step: number, text: string): void;
  /** The step's output is over: an unfinished last line is written. */
  end(step: number): void;
}
