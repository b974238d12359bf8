import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JobId, LogHit, LogRow } from '@dibs/shared';
import { AppError } from '../platform/errors.js';
import { OpenRequests } from '../platform/open-requests.js';
import { rowsOf } from './log-format.js';
import { LineMatcher } from './line-matcher.js';
import { MAX_PAGE_CHARACTERS } from './log-page.js';
import type { LogRange } from './log-range.js';
import { LogReader } from './log-reader.js';
import { LogScan, type WantedHits } from './log-scan.js';
import { Turns } from './turns.js';

export interface LogSearchRequest extends WantedHits {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly range: Omit<LogRange, 'limit'>;
  readonly needle: string;
  readonly isCaseSensitive: boolean;
}

export interface LogHits {
  readonly items: readonly LogHit[];
  readonly total: number;
}

/** A million lines take less than a second; whoever waits longer than this should search a part. */
export const SEARCH_TIME_LIMIT_MS = 20_000;
/** Claims are granted by the same process, so searches may not fill it (database/copy-out.ts lets others have their turn). */
const SEARCHES_AT_ONCE = 2;

/**
 * Searches one log from its first line to its last, chunk by chunk while they arrive: the count is exact, and one chunk is in
 * memory. Why not in SQL: docs/decisions/0014.
 */
@Injectable()
export class LogSearch implements OnModuleDestroy {
  protected readonly timeLimitMs: number = SEARCH_TIME_LIMIT_MS;
  private readonly requests = new OpenRequests();
  private readonly turns = new Turns(SEARCHES_AT_ONCE);

  constructor(private readonly reader: LogReader) {}

  /**
   * @param gone aborted when nobody waits for the answer any more
   * @throws AppError 422 `log_search_too_long` when the range is too much for one request; 503 when others search for
   *   so long, or the server stops
   */
  async search(request: LogSearchRequest, gone: AbortSignal): Promise<LogHits> {
    const open = this.requests.begin(gone, this.timeLimitMs);
    try {
      const endTurn = await this.turns.take(open.signal);
      if (endTurn === null) throw tooBusy();
      try {
        return await this.scan(request, open.signal);
      } finally {
        endTurn();
      }
    } finally {
      open.end();
    }
  }

  onModuleDestroy(): void {
    this.requests.endAll();
  }

  private async scan(request: LogSearchRequest, ended: AbortSignal): Promise<LogHits> {
    const { jobId, attempt, range, needle, isCaseSensitive } = request;
    const scan = new LogScan(new LineMatcher(needle, isCaseSensitive), range, request);
    let searchedTo = range.after;
    let isStopped = false;
    await this.reader.scan(jobId, attempt, range, (chunk) => {
      isStopped = ended.aborted;
      if (isStopped) return false;
      scan.add(chunk);
      searchedTo = chunk.last_seq;
      return true;
    });
    if (isStopped) throw tooLong(searchedTo, this.timeLimitMs);
    return { items: await this.withContext(request, scan, ended), total: scan.total };
  }

  private async withContext(
    request: LogSearchRequest,
    { rows, around: known }: Pick<LogScan, 'rows' | 'around'>,
    ended: AbortSignal,
  ): Promise<LogHit[]> {
    const { context } = request;
    if (context === 0) return rows.map((line) => ({ line, before: [], after: [] }));
    const items: LogHit[] = [];
    let characters = 0;
    for (const group of neighbours(rows, context)) {
      const [after, before] = [group[0]!.seq - context - 1, group[group.length - 1]!.seq + context + 1];
      const around = isAllIn(known, Math.max(0, after), before)
        ? known
        : await this.rowsBetween(request, after, before);
      for (const line of group) {
        if (items.length > 0 && (ended.aborted || characters > MAX_PAGE_CHARACTERS)) return items;
        const rowsAt = (from: number): LogRow[] =>
          Array.from({ length: context }, (_, index) => around.get(line.seq + from + index)).filter(isThere);
        items.push({ line, before: rowsAt(-context), after: rowsAt(1) });
        characters += charactersOf(items[items.length - 1]!);
      }
    }
    return items;
  }

  private async rowsBetween(
    { jobId, attempt }: LogSearchRequest,
    after: number,
    before: number,
  ): Promise<ReadonlyMap<number, LogRow>> {
    const rows = new Map<number, LogRow>();
    for await (const part of this.reader.read(jobId, attempt, { after, before, limit: Infinity, step: null })) {
      for (const row of rowsOf(part)) rows.set(row.seq, row);
    }
    return rows;
  }
}

/** Hits whose context touches are read together. */
const MAX_GROUP = 8;

function neighbours(rows: readonly LogRow[], context: number): LogRow[][] {
  const groups: LogRow[][] = [];
  for (const row of rows) {
    const group = groups[groups.length - 1];
    const isNear = group && group.length < MAX_GROUP && row.seq - group[group.length - 1]!.seq <= 2 * context + 1;
    if (isNear) group.push(row);
    else groups.push([row]);
  }
  return groups;
}

function isAllIn(rows: ReadonlyMap<number, LogRow>, after: number, before: number): boolean {
  for (let seq = after + 1; seq < before; seq += 1) if (!rows.has(seq)) return false;
  return true;
}

function charactersOf({ line, before, after }: LogHit): number {
  return [line, ...before, ...after].reduce((sum, row) => sum + row.text.length, 0);
}

function isThere(row: LogRow | undefined): row is LogRow {
  return row !== undefined;
}

function tooLong(searchedTo: number, limitMs: number): AppError {
  return new AppError(
    422,
    'log_search_too_long',
    `Lines up to ${searchedTo} were searched in ${limitMs / 1000} s, and there are more. ` +
      'Search the log in parts with after and before, or one step of it.',
  );
}

function tooBusy(): AppError {
  return new AppError(503, 'log_search_busy', 'Other searches are running. Try again in a moment.', {
    headers: { 'retry-after': '2' },
  });
}
