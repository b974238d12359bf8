import type { LogReply } from '@dibs/shared';
import type { LogAppended } from '../events/domain-events.js';
import { decideLogAppend } from '../domain/logs/log-sequence.js';
import type { Appended, ChunkToAppend, LogWriter } from './log-chunk.repository.js';
import { lastSeqOf, nextRun, type LogRun } from './log-run.js';

export type PendingBatch = ChunkToAppend;

/**
 * A batch that repeats stored lines needs a second round, once the first has told where the attempt stands; more are
 * needed only when a backlog is longer than one chunk may be.
 */
const MAX_ROUNDS = 16;

/**
 * Settles the batches of one flush. Batches of one writer are joined into one run of lines, all runs are offered to
 * the database in one statement, and what its answer leaves open (overlaps, a backlog) goes into the next round.
 */
export class LogFlush {
  private readonly replies: (LogReply | undefined)[];
  private readonly groups: WriterGroup[];
  private readonly grown = new Map<WriterGroup, number>();

  constructor(private readonly batches: readonly PendingBatch[]) {
    this.replies = new Array<LogReply | undefined>(batches.length);
    this.groups = groupByWriter(batches);
  }

  /** @param append the one statement: at most one chunk per attempt, one answer per chunk in order */
  async run(
    append: (chunks: readonly ChunkToAppend[]) => Promise<readonly Appended[]>,
  ): Promise<{ readonly replies: readonly LogReply[]; readonly grown: readonly LogAppended[] }> {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const offers = this.offers();
      if (offers.length === 0) break;
      const answers = await append(offers.map(({ group, run }) => ({ ...group.writer, ...run })));
      offers.forEach(({ group, run }, index) => this.take(group, run, answers[index]!));
    }
    return { replies: this.batches.map((_, index) => this.replies[index] ?? BUSY), grown: this.grownEvents() };
  }

  /** The next run of every writer; two writers that claim the same attempt (one is wrong) take turns. */
  private offers(): { group: WriterGroup; run: LogRun }[] {
    const attempts = new Set<string>();
    return this.groups.flatMap((group) => {
      const key = `${group.writer.jobId} ${group.writer.attempt}`;
      const run = attempts.has(key) ? null : nextRun(this.waiting(group), group.lastSeq);
      if (run === null) return [];
      attempts.add(key);
      return [{ group, run }];
    });
  }

  private take(group: WriterGroup, run: LogRun, answer: Appended): void {
    if (answer.fenced) return group.indexes.forEach((index) => this.settle(index, FENCED));
    if (answer.appended) this.grown.set(group, lastSeqOf(run));
    const lastSeq = answer.appended ? lastSeqOf(run) : answer.storedSeq;
    group.lastSeq = lastSeq;
    const isLast = nextRun(this.waiting(group), lastSeq) === null;
    for (const index of group.indexes) {
      const { firstSeq, lines } = this.batches[index]!;
      const { kind } = decideLogAppend(lastSeq, firstSeq, lines.length);
      if (kind === 'duplicate') this.settle(index, { ok: true, ackedSeq: lastSeq });
      // only once nothing is left that could close it
      if (kind === 'gap' && isLast) this.settle(index, gapAfter(lastSeq));
    }
  }

  private settle(index: number, reply: LogReply): void {
    this.replies[index] ??= reply;
  }

  private waiting(group: WriterGroup): PendingBatch[] {
    return group.indexes.filter((index) => this.replies[index] === undefined).map((index) => this.batches[index]!);
  }

  private grownEvents(): LogAppended[] {
    return [...this.grown].map(([{ writer }, upTo]) => {
      const { organizationId, jobId, attempt } = writer;
      return { organizationId, jobId, attempt, upTo };
    });
  }
}

interface WriterGroup {
  readonly writer: LogWriter;
  readonly indexes: number[];
  /** Number of the attempt's last stored line; null: not known yet. */
  lastSeq: number | null;
}

function groupByWriter(batches: readonly PendingBatch[]): WriterGroup[] {
  const groups = new Map<string, WriterGroup>();
  batches.forEach(({ organizationId, instanceId, jobId, attempt, claimToken }, index) => {
    const key = JSON.stringify([organizationId, instanceId, jobId, attempt, claimToken]);
    const group = groups.get(key);
    if (group) group.indexes.push(index);
    else {
      const writer = { organizationId, instanceId, jobId, attempt, claimToken };
      groups.set(key, { writer, indexes: [index], lastSeq: null });
    }
  });
  return [...groups.values()];
}

const FENCED: LogReply = {
  ok: false,
  code: 'E_FENCED',
  message: 'The attempt has ended or is not the sender’s.',
  retryable: false,
};

const BUSY: LogReply = {
  ok: false,
  code: 'E_UNAVAILABLE',
  message: 'Too many lines of this attempt are waiting; send the batch again.',
  retryable: true,
};

function gapAfter(ackedSeq: number): LogReply {
  return {
    ok: false,
    code: 'E_GAP',
    message: `Lines before this batch are missing: go on with line ${ackedSeq + 1}.`,
    retryable: true,
    ackedSeq,
  };
}
