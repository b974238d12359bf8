import { Injectable } from '@nestjs/common';
import type { JobId, WireLogLine } from '@dibs/shared';
import type { LogRange } from './log-range.js';
import { LogReadRepository, type StoredChunk } from './log-read.repository.js';

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
  constructor(private readonly chunks: LogReadRepository) {}

  /** The stored lines of the range in order; ends when there are no more right now. */
  async *read(jobId: JobId, attempt: number, range: LogRange): AsyncGenerator<LogLines> {
    const before = Math.min(range.before, NO_END);
    let { after, limit } = range;
    while (limit > 0 && after + 1 < before) {
      const page = await this.chunks.chunks(jobId, attempt, after, before);
      if (page.length === 0) return;
      for (const chunk of page) {
        const part = cut(chunk, after, before, limit);
        after = chunk.last_seq;
        limit -= part.lines.length;
        if (part.lines.length > 0) yield part;
        if (limit <= 0) return;
      }
    }
  }
}

function cut(chunk: StoredChunk, after: number, before: number, limit: number): LogLines {
  const lines = JSON.parse(chunk.lines) as WireLogLine[];
  const from = Math.max(0, after + 1 - chunk.first_seq);
  const to = Math.min(lines.length, before - chunk.first_seq, from + limit);
  return { firstSeq: chunk.first_seq + from, lines: from === 0 && to >= lines.length ? lines : lines.slice(from, to) };
}
