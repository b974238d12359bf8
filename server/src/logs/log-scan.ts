import type { LogRow, WireLogLine } from '@dibs/shared';
import { isRedrawn, toLogRow } from '@dibs/shared';
import type { LineMatcher } from './line-matcher.js';
import { MAX_PAGE_CHARACTERS } from './log-page.js';
import type { LogRange } from './log-range.js';
import type { StoredChunk } from './log-read.repository.js';
import { cut } from './log-reader.js';

export interface WantedHits {
  /** Hits to pass over; they count nevertheless. */
  readonly offset: number;
  readonly limit: number;
}

/** Goes once over the chunks of a log, in order: counts every line that matches and keeps one page of them. */
export class LogScan {
  readonly rows: LogRow[] = [];
  total = 0;
  private characters = 0;
  private isFull = false;

  constructor(
    private readonly matcher: LineMatcher,
    private readonly range: Omit<LogRange, 'limit'>,
    private readonly wanted: WantedHits,
  ) {}

  add(chunk: StoredChunk): void {
    const matches = this.matcher.in(chunk.lines);
    if (matches === null) return;
    const { firstSeq, lines } = cut(chunk, this.range);
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index]!;
      if ((this.range.step !== null && line[1] !== this.range.step) || isRedrawn(line[2]) || !matches(line[3]))
        continue;
      this.total += 1;
      if (this.total > this.wanted.offset && !this.isFull) this.keep(firstSeq + index, line);
    }
  }

  private keep(seq: number, line: WireLogLine): void {
    const isTooMuch = this.rows.length > 0 && this.characters + line[3].length > MAX_PAGE_CHARACTERS;
    // once a hit was left out, the ones behind it must be too
    this.isFull = isTooMuch || this.rows.length >= this.wanted.limit;
    if (this.isFull) return;
    this.rows.push(toLogRow(seq, line));
    this.characters += line[3].length;
  }
}
