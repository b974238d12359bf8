import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JobId, LogRow } from '@dibs/shared';
import { LineMatcher } from '../logs/line-matcher.js';
import { MAX_PAGE_CHARACTERS } from '../logs/log-page.js';
import { LogReader } from '../logs/log-reader.js';
import { LogScan } from '../logs/log-scan.js';
import { Turns } from '../logs/turns.js';
import { AppError } from '../platform/errors.js';
import { OpenRequests } from '../platform/open-requests.js';
import type { SearchFilter } from './candidates.sql.js';
import { LogSearchRepository, type Candidate } from './log-search.repository.js';
import { probesOf } from './log-signature.js';
import { behind, within, type SearchPosition } from './search-position.js';

export interface AcrossRequest {
  readonly filter: SearchFilter;
  readonly needle: string;
  readonly isCaseSensitive: boolean;
  readonly from: SearchPosition;
  /** Jobs with a hit, at most. */
  readonly limit: number;
  /** Lines of each, at most. */
  readonly lines: number;
}

export interface FoundInJob {
  readonly jobId: JobId;
  readonly lines: { readonly attempt: number; readonly row: LogRow }[];
  mayHaveMore: boolean;
}

export interface FoundAcross {
  readonly jobs: readonly FoundInJob[];
  /** null: all was searched. */
  readonly next: SearchPosition | null;
}

/** After this an answer tells how far it came; the next request goes on. */
const TIME_BUDGET_MS = 2_000;
/** Whoever waits longer for others' searches is told to come back. */
const MOST_WAITING_MS = 15_000;
/** Claims are granted by the same process. */
const SEARCHES_AT_ONCE = 1;

/**
 * Searches the logs of many jobs, the newest first. Signatures tell which parts of them may have the text; these are read
 * and looked through as one log is (logs/log-search.ts), so what is found is exact. It never takes longer than its
 * budget and one megabyte of log.
 */
@Injectable()
export class SearchAcrossJobs implements OnModuleDestroy {
  protected readonly timeBudgetMs: number = TIME_BUDGET_MS;
  private readonly requests = new OpenRequests();
  private readonly turns = new Turns(SEARCHES_AT_ONCE);

  constructor(
    private readonly repository: LogSearchRepository,
    private readonly reader: LogReader,
  ) {}

  /**
   * @param gone aborted when nobody waits for the answer any more
   * @throws AppError 503 `log_search_busy` when others search for so long, or the server stops
   */
  async search(request: AcrossRequest, gone: AbortSignal): Promise<FoundAcross> {
    const open = this.requests.begin(gone, MOST_WAITING_MS + this.timeBudgetMs);
    try {
      const waited = this.requests.begin(open.signal, MOST_WAITING_MS);
      const endTurn = await this.turns.take(waited.signal);
      waited.end();
      if (endTurn === null) throw tooBusy();
      try {
        return await this.walk(request, open.signal);
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

  private async walk(request: AcrossRequest, ended: AbortSignal): Promise<FoundAcross> {
    const until = performance.now() + this.timeBudgetMs;
    const isOver = (): boolean => ended.aborted || performance.now() > until;
    const probes = probesOf(request.needle);
    const page = new FoundPage(request);
    for (let at: SearchPosition | null = request.from; at !== null;) {
      const { items, next } = await this.repository.candidates(request.filter, probes, at);
      for (const candidate of items) {
        if (!page.wants(candidate)) {
          if (page.isFull) return page.end();
          continue;
        }
        const stoppedAt = await this.look(page, candidate, at, isOver);
        if (stoppedAt !== null) return page.end(stoppedAt);
      }
      at = next;
      if (at !== null && isOver()) return page.end(at);
    }
    return { jobs: page.jobs, next: null };
  }

  /** @returns where the time was over; null: the candidate is done */
  private async look(
    page: FoundPage,
    { jobId, attempt, firstSeq, lastSeq }: Candidate,
    { within: begun }: SearchPosition,
    isOver: () => boolean,
  ): Promise<SearchPosition | null> {
    const isBegun = begun?.jobId === jobId && begun.attempt === attempt;
    const range = { after: Math.max(firstSeq - 1, isBegun ? begun.seq : 0), before: lastSeq + 1, step: null };
    let { after } = range;
    for await (const chunks of this.reader.pages(jobId, attempt, range)) {
      const scan = new LogScan(page.matcher, { ...range, after }, { offset: 0, limit: page.roomIn(jobId), context: 0 });
      for (const chunk of chunks) {
        scan.add({ ...chunk, lines: Buffer.from(chunk.lines) });
        if (scan.total > scan.rows.length) break;
      }
      page.add(jobId, attempt, scan);
      after = chunks[chunks.length - 1]!.last_seq;
      if (!page.wants({ jobId })) return null;
      if (isOver()) return within(jobId, attempt, Math.min(after, lastSeq));
    }
    return isOver() ? within(jobId, attempt, lastSeq) : null;
  }
}

/** What was found so far, for one answer. */
class FoundPage {
  readonly jobs: FoundInJob[] = [];
  readonly matcher: LineMatcher;
  private characters = 0;

  constructor(private readonly request: AcrossRequest) {
    this.matcher = new LineMatcher(request.needle, request.isCaseSensitive);
  }

  get isFull(): boolean {
    return this.jobs.length >= this.request.limit || this.characters >= MAX_PAGE_CHARACTERS;
  }

  /** Whether lines of the job would be kept. */
  wants({ jobId }: Pick<Candidate, 'jobId'>): boolean {
    const last = this.jobs.at(-1);
    return last?.jobId === jobId ? !last.mayHaveMore : !this.isFull;
  }

  roomIn(jobId: JobId): number {
    const last = this.jobs.at(-1);
    return this.request.lines - (last?.jobId === jobId ? last.lines.length : 0);
  }

  add(jobId: JobId, attempt: number, { rows, total }: LogScan): void {
    if (total === 0) return;
    if (this.jobs.at(-1)?.jobId !== jobId) this.jobs.push({ jobId, lines: [], mayHaveMore: false });
    const job = this.jobs.at(-1)!;
    for (const row of rows) {
      job.lines.push({ attempt, row });
      this.characters += row.text.length;
    }
    job.mayHaveMore = total > rows.length || this.characters >= MAX_PAGE_CHARACTERS;
  }

  /** Ends after its last job, or where the time was over. A job is shown on one page only. */
  end(at?: SearchPosition): FoundAcross {
    const last = this.jobs.at(-1);
    if (last && (at === undefined || at.within?.jobId === last.jobId)) {
      if (at) last.mayHaveMore = true;
      return { jobs: this.jobs, next: behind(last.jobId) };
    }
    return { jobs: this.jobs, next: at ?? null };
  }
}

function tooBusy(): AppError {
  return new AppError(503, 'log_search_busy', 'Other searches are running. Try again in a moment.', {
    headers: { 'retry-after': '2' },
  });
}
