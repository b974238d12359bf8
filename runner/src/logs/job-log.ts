import type { WireLogStream } from '@dibs/shared';
import { LineSplitter, charactersWithin } from './line-splitter.js';
import { Masker } from './masker.js';
import type { Spool } from './spool.js';

export interface JobLogOptions {
  readonly spool: Spool;
  readonly secrets: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Longest line as JSON. Control characters take six bytes each there: 64 KiB of them would be more than one event may
 * carry (256 KiB), and a line that can never be sent would hold up the log for ever.
 */
const MAX_ENCODED_BYTES = 192 * 1024;

/** Output in; split, masked and numbered lines out, in the order in which they arrive. */
export class JobLog {
  private readonly masker: Masker;
  private readonly splitters = new Map<string, LineSplitter>();

  constructor(private readonly options: JobLogOptions) {
    this.masker = new Masker(options.secrets);
  }

  get lastSeq(): number {
    return this.options.spool.lastSeq;
  }

  /** A returned promise holds the step's pipe back. */
  write(step: number, stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> | undefined {
    this.append(step, stream === 'stdout' ? 'o' : 'e', this.splitter(step, stream).push(chunk));
    return this.options.spool.pressure();
  }

  /** Lines of the runner's own; step -1: preparation. */
  system(step: number, text: string): void {
    this.append(step, 's', new LineSplitter().push(Buffer.from(`${text}\n`)));
  }

  /** The step's output is over: unfinished last lines are written. */
  end(step: number): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.append(step, stream === 'stdout' ? 'o' : 'e', this.splitter(step, stream).flush());
      this.splitters.delete(`${step} ${stream}`);
    }
  }

  private append(step: number, stream: WireLogStream, lines: readonly string[]): void {
    const atMs = this.options.now();
    for (const line of lines) {
      for (const piece of sendable(this.masker.mask(line))) this.options.spool.append([atMs, step, stream, piece]);
    }
  }

  private splitter(step: number, stream: string): LineSplitter {
    const key = `${step} ${stream}`;
    let splitter = this.splitters.get(key);
    if (!splitter) this.splitters.set(key, (splitter = new LineSplitter()));
    return splitter;
  }
}

function sendable(line: string): string[] {
  if (line.length * 6 <= MAX_ENCODED_BYTES || Buffer.byteLength(JSON.stringify(line)) <= MAX_ENCODED_BYTES)
    return [line];
  const half = charactersWithin(line, Buffer.byteLength(line) / 2);
  return [...sendable(line.slice(0, half)), ...sendable(line.slice(half))];
}
