import type { LogRow, WireLogLine } from '@dibs/shared';
import { isRedrawn, toLogRow } from '@dibs/shared';
import type { LikelyLines, LineMatcher } from './line-matcher.js';
import { MAX_PAGE_CHARACTERS } from './log-page.js';
import type { LogRange } from './log-range.js';
import type { StoredChunk } from './log-read.repository.js';
import { cut } from './log-reader.js';

export interface WantedHits {
  /** Hits to pass over; they count nevertheless. */
  readonly offset: number;
  readonly limit: number;
  /** Lines to show above and below each hit. */
  readonly context: number;
}

/** Goes once over the chunks of a log, in order: counts every line that matches and keeps one page of them. */
export class LogScan {
  readonly rows: LogRow[] = [];
  /** The lines above and below them by number, as far as they were in the chunks of the hits and are not too much. */
  readonly around = new Map<number, LogRow>();
  total = 0;
  private characters = 0;
  private charactersAround = 0;
  private isFull = false;

  constructor(
    private readonly matcher: LineMatcher,
    private readonly range: Omit<LogRange, 'limit'>,
    private readonly wanted: WantedHits,
  ) {}

  add(chunk: StoredChunk<Buffer>): void {
    const likely = this.matcher.in(chunk.lines);
    if (likely === null) return;
    const known = this.rows.length;
    const { first_seq: firstSeq, last_seq: lastSeq } = chunk;
    // the line in place of what was left out stands for more numbers than one
    const isEachLineKnown = likely !== 'all' && likely.count === lastSeq - firstSeq + 1;
    if (isEachLineKnown) this.lookAt(likely, firstSeq);
    else this.lookAtAll(chunk);
    if (this.rows.length === known || this.wanted.context === 0) return;
    const lineAt = isEachLineKnown ? likely.line : unpacked(chunk);
    if (lineAt !== null) this.keepAround(chunk, this.rows.slice(known), lineAt);
  }

  private lookAt({ indexes, line }: LikelyLines, firstSeq: number): void {
    const { after, before } = this.range;
    for (const index of indexes) {
      const seq = firstSeq + index;
      if (seq > after && seq < before) this.look(seq, line(index));
    }
  }

  private lookAtAll(chunk: StoredChunk<Buffer>): void {
    const { firstSeq, lines } = cut({ ...chunk, lines: chunk.lines.toString() }, this.range);
    lines.forEach((line, index) => this.look(firstSeq + index, line));
  }

  private keepAround(
    { first_seq: firstSeq, last_seq: lastSeq }: StoredChunk<Buffer>,
    hits: readonly LogRow[],
    lineAt: LikelyLines['line'],
  ): void {
    const { context } = this.wanted;
    for (const hit of hits) {
      const to = Math.min(lastSeq, hit.seq + context);
      for (let seq = Math.max(firstSeq, hit.seq - context); seq <= to; seq += 1) {
        if (this.charactersAround > MAX_PAGE_CHARACTERS) return;
        if (this.around.has(seq)) continue;
        const row = toLogRow(seq, lineAt(seq - firstSeq));
        this.around.set(seq, row);
        this.charactersAround += row.text.length;
      }
    }
  }

  private look(seq: number, line: WireLogLine): void {
    const [, step, stream, text] = line;
    if ((this.range.step !== null && step !== this.range.step) || isRedrawn(stream) || !this.matcher.matches(text))
      return;
    this.total += 1;
    if (this.total > this.wanted.offset && !this.isFull) this.keep(seq, line);
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

/** @returns null: not each of its numbers has a line */
function unpacked({ first_seq: first, last_seq: last, lines: json }: StoredChunk<Buffer>): LikelyLines['line'] | null {
  const lines = JSON.parse(json.toString()) as WireLogLine[];
  return lines.length === last - first + 1 ? (index) => lines[index]! : null;
}
