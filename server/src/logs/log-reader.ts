import { Injectable } from '@nestjs/common';
import type { JobId, LogGap, WireLogLine } from '@dibs/shared';
import type { AskedRange, LogRange } from './log-range.js';
import { cutLineOf } from '../domain/logs/cut-counts.js';
import type { OnChunk, StoredChunk } from './log-read.repository.js';
import { LogSource } from './log-source.js';
import { ReaderShare } from './reader-share.js';

/** Lines in a row; the first has the number `firstSeq`. */
export interface LogLines {
  readonly firstSeq: number;
  readonly lines: readonly WireLogLine[];
}

/** PostgreSQL's bigint has no Infinity. */
const NO_END = Number.MAX_SAFE_INTEGER;

/** Reads a log piece by piece, so that no log is ever in memory as a whole. The caller has checked whose job it is. */
@Injectable()
export class LogReader {
  constructor(
    private readonly source: LogSource,
    private readonly share: ReaderShare,
  ) {}

  /**
   * The stored lines of the range in order; ends when there are no more right now. The first one is that after `after`, or the
   * record that says it is missing; so is each to the one before it, also when the log is shortened meanwhile.
   */
  async *read(jobId: JobId, attempt: number, asked: AskedRange): AsyncGenerator<LogLines> {
    const range = await this.rangeOf(jobId, attempt, asked);
    const { step } = range;
    let { limit, after: readTo } = range;
    const next: NextChunks = (after, before) =>
      this.share.reading(() => this.chunksFor(limit, { jobId, attempt, after, before, step }));
    for await (const page of this.pages(jobId, attempt, range, next)) {
      for (const chunk of page) {
        const unread = cut(chunk, { after: readTo, before: range.before });
        readTo = chunk.last_seq;
        for (const run of runsOf(unread, step)) {
          const part = run.lines.length > limit ? { ...run, lines: run.lines.slice(0, limit) } : run;
          limit -= part.lines.length;
          if (part.lines.length > 0) yield part;
          if (limit <= 0) return;
        }
      }
    }
  }

  /**
   * The chunks that hold the range, about a megabyte at a time. The outer ones may hold lines outside of it.
   *
   * @param next reads the first of those in (after, before); empty: there are none
   */
  async *pages(
    jobId: JobId,
    attempt: number,
    range: Omit<LogRange, 'limit'>,
    next: NextChunks = (after, before) => this.source.chunks(jobId, attempt, after, before, range.step),
  ): AsyncGenerator<readonly StoredChunk[]> {
    const before = Math.min(range.before, NO_END);
    let { after } = range;
    while (after + 1 < before) {
      const page = await next(after, before);
      if (page.length === 0) return;
      yield page;
      after = page[page.length - 1]!.last_seq;
    }
  }

  /**
   * Hands the chunks that hold the range over as bytes, while they arrive. The outer ones may hold lines outside of it.
   *
   * @param each as of `LogReadRepository.scan`
   */
  async scan(jobId: JobId, attempt: number, range: Omit<LogRange, 'limit'>, each: OnChunk): Promise<void> {
    const before = Math.min(range.before, NO_END);
    let { after } = range;
    for (let isWanted = true; isWanted && after + 1 < before;) {
      const from = after;
      await this.source.scan(jobId, attempt, from, before, range.step, (chunk) => {
        after = chunk.last_seq;
        isWanted = each(chunk);
        return isWanted;
      });
      if (after === from) return;
    }
  }

  /** Of a page that ends before its megabyte is full, not the rest of that: most pages of who follows are small. */
  private async chunksFor(limit: number, { jobId, attempt, after, before, step }: ChunksAsked) {
    const end = step === null ? Math.min(before, after + 1 + limit) : before;
    const chunks = await this.source.chunks(jobId, attempt, after, end, step);
    // lines that were lost from the database have left a hole, and the next ones are behind it
    return chunks.length > 0 || end === before ? chunks : this.source.chunks(jobId, attempt, after, before, step);
  }

  /** The number of the line that stands for this one; its own, unless it was left out. */
  async shownAt(jobId: JobId, attempt: number, seq: number): Promise<number> {
    return (await this.source.cutAt(jobId, attempt, seq)) ?? seq;
  }

  /** Where the last lines of one step begin, counted from the end: chunks of that step alone are not even read. */
  async rangeOf(jobId: JobId, attempt: number, asked: AskedRange): Promise<LogRange> {
    if (!('last' in asked)) return asked;
    const { before, step } = asked;
    let [wanted, from] = [asked.last, before];
    for (;;) {
      const page = await this.source.chunksBack(jobId, attempt, from, step);
      if (page.length === 0) return { after: 0, before, limit: asked.last, step };
      for (const chunk of page) {
        const seqs = seqsOfStep(chunk, before, step);
        if (seqs.count >= wanted) return { after: seqs.fromEnd(wanted) - 1, before, limit: asked.last, step };
        wanted -= seqs.count;
        from = chunk.first_seq;
      }
    }
  }
}

interface ChunksAsked extends Pick<LogRange, 'after' | 'before' | 'step'> {
  readonly jobId: JobId;
  readonly attempt: number;
}

type NextChunks = (after: number, before: number) => Promise<readonly StoredChunk[]>;

/** The lines of a chunk that are in (after, before). */
export function cut(chunk: StoredChunk, { after, before }: Pick<LogRange, 'after' | 'before'>): LogLines {
  const lines = JSON.parse(chunk.lines) as WireLogLine[];
  const gap = lines[0]?.[4];
  if (gap?.lastSeq !== undefined && after >= chunk.first_seq) return restOfCut(lines[0]!, gap, after);
  const from = Math.max(0, after + 1 - chunk.first_seq);
  const to = Math.min(lines.length, before - chunk.first_seq);
  return { firstSeq: chunk.first_seq + from, lines: from === 0 && to >= lines.length ? lines : lines.slice(from, to) };
}

/** For a reader who was in the middle of what was left out since. */
function restOfCut([atMs, step]: WireLogLine, { lastSeq = 0 }: LogGap, after: number): LogLines {
  const lines = lastSeq - after;
  const text = `The next ${lines.toLocaleString('en-US')} lines were left out: the log is too long.`;
  return { firstSeq: after + 1, lines: [[atMs, step, 's', text, { lines, reason: 'limit', lastSeq }]] };
}

/** The parts of it that are of one step, each without a hole; steps hardly ever mix. */
function* runsOf(part: LogLines, step: number | null): Generator<LogLines> {
  if (step === null) {
    yield part;
    return;
  }
  const { firstSeq, lines } = part;
  if (lines[0]?.[4]?.steps) {
    const line = cutLineOf(step, lines[0]);
    if (line) yield { firstSeq, lines: [line] };
    return;
  }
  for (let from = 0; from < lines.length;) {
    let to = from;
    while (to < lines.length && lines[to]![1] === step) to += 1;
    if (to > from) yield { firstSeq: firstSeq + from, lines: lines.slice(from, to) };
    from = to + 1;
  }
}

/** How many lines before a number a chunk has of a step, and the number of the n-th of them from the end. */
function seqsOfStep(
  { first_seq: first, last_seq: last, lines }: { first_seq: number; last_seq: number; lines: string | null },
  before: number,
  step: number,
): { readonly count: number; readonly fromEnd: (n: number) => number } {
  const end = Math.min(last, before - 1);
  if (lines === null) return { count: end - first + 1, fromEnd: (n) => end - n + 1 };
  const seqs: number[] = [];
  (JSON.parse(lines) as WireLogLine[]).forEach((line, index) => {
    if (line[1] === step && first + index < before) seqs.push(first + index);
  });
  return { count: seqs.length, fromEnd: (n) => seqs[seqs.length - n]! };
}
