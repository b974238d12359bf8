import { createHash, type Hash } from 'node:crypto';
import { type StepLogCount, type WireLogLine, withLineEnd } from '@dibs/shared';

/** One call for each line would take longer than the hashing itself. */
const BLOCK_CHARACTERS = 32 * 1024;

interface StepCount {
  lines: number;
  bytes: number;
  readonly hash: Hash;
  /** Counted as lines, but not yet as bytes. */
  pending: string;
}

/**
 * Counts the log of an attempt as it is written, step by step, after masking. The server counts what it has stored in
 * the same way: every line but gap records, its text in UTF-8 and a line end. So the two can be compared, and
 * `logs?step=K&format=text | sha256sum` gives the same sum.
 */
export class LogCounts {
  private readonly steps = new Map<number, StepCount>();

  add(line: WireLogLine): void {
    const [, step, , , gap] = line;
    if (gap) return;
    let count = this.steps.get(step);
    if (!count) this.steps.set(step, (count = { lines: 0, bytes: 0, hash: createHash('sha256'), pending: '' }));
    count.lines += 1;
    count.pending += withLineEnd(line);
    if (count.pending.length >= BLOCK_CHARACTERS) take(count);
  }

  /** As it stands; counting may go on. */
  result(): StepLogCount[] {
    return [...this.steps].map(([step, count]) => {
      take(count);
      return { step, lines: count.lines, bytes: count.bytes, sha256: count.hash.copy().digest('hex') };
    });
  }
}

function take(count: StepCount): void {
  const block = Buffer.from(count.pending);
  count.hash.update(block);
  count.bytes += block.length;
  count.pending = '';
}
