import { Injectable } from '@nestjs/common';
import { isTerminal, lastSeqOfRow, type JobId, type LogPage, type LogReceipt, type LogSearchPage } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { judgeLog } from '../domain/logs/log-receipt.js';
import { AppError, badRequest } from '../platform/errors.js';
import { UUID } from '../platform/page.js';
import { LogFollower } from './log-follower.js';
import { followedAs, linesAsNdjson, linesAsText, type StreamFormat } from './log-format.js';
import { collectRows } from './log-page.js';
import { isFromTheEnd, logRangeOf, type LogRange, type LogRangeRequest } from './log-range.js';
import { LogPages } from './log-pages.js';
import type { LogStanding } from './log-read.repository.js';
import { LogReader } from './log-reader.js';
import { LogReceipts } from './log-receipts.js';
import { LogSearch } from './log-search.js';
import { LogStandings } from './log-standings.js';
import { jobNotFound, logRemoved, receiptOfRemoved } from './removed-log.js';

export interface LogRequest extends LogRangeRequest {
  readonly jobId: string;
  /** undefined: the latest. */
  readonly attempt?: number | undefined;
}

export interface SearchRequest extends Pick<LogRequest, 'jobId' | 'attempt' | 'after' | 'before' | 'step'> {
  readonly q: string;
  readonly caseSensitive: boolean;
  readonly offset: number;
  readonly limit: number;
  readonly context: number;
}

/** A log as a stream of text, with what is known about it before the first line. */
export interface LogStream {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly lastSeq: number;
  readonly complete: boolean;
  readonly content: AsyncGenerator<string>;
}

interface Stand {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly lastSeq: number;
  readonly complete: boolean;
  readonly isTold: boolean;
  /** null: what was stored is there. */
  readonly removedOn: string | null;
}

export const MAX_PAGE_LINES = 5000;
const DEFAULT_PAGE_LINES = 1000;

/** Reading logs. A job of another organization looks like one that does not exist. */
@Injectable()
export class LogsService {
  constructor(
    private readonly standings: LogStandings,
    private readonly reader: LogReader,
    private readonly pages: LogPages,
    private readonly follower: LogFollower,
    private readonly searcher: LogSearch,
    private readonly receipts: LogReceipts,
  ) {}

  /** What is stored now, as a stream. */
  async stream(caller: Caller, request: LogRequest, format: StreamFormat): Promise<LogStream> {
    const { jobId, attempt, lastSeq, complete } = await this.standToRead(caller, request, false);
    const range = await this.rangeOf(jobId, attempt, request, lastSeq);
    const asText = format === 'text' ? linesAsText : linesAsNdjson;
    const content = await begun(mapped(this.reader.read(jobId, attempt, range), asText));
    return { jobId, attempt, lastSeq, complete, content };
  }

  /** What is stored now and all that follows until the job is terminal and its log complete. */
  async follow(caller: Caller, request: LogRequest, format: StreamFormat, gone: AbortSignal): Promise<LogStream> {
    if (request.before !== undefined || request.limit !== undefined) {
      throw badRequest('invalid_log_range', 'follow cannot be combined with before or limit.');
    }
    const { jobId, attempt, lastSeq, complete } = await this.standToRead(caller, request, true);
    const { after, step } = await this.rangeOf(jobId, attempt, request, lastSeq);
    const followed = this.follower.follow({ caller, jobId, attempt: request.attempt ?? null, after, step }, gone);
    return { jobId, attempt, lastSeq, complete, content: mapped(followed, (each) => followedAs(format, each)) };
  }

  /** @returns a `LogPage` as JSON */
  async page(caller: Caller, request: LogRequest): Promise<Buffer> {
    const stand = await this.standToRead(caller, request, false);
    const { after, before, tail, step } = request;
    const limit = request.limit ?? (tail === undefined ? DEFAULT_PAGE_LINES : undefined);
    if ((limit ?? tail ?? 0) > MAX_PAGE_LINES) {
      throw badRequest('invalid_log_range', `A page has at most ${MAX_PAGE_LINES} lines.`);
    }
    const { jobId, attempt, lastSeq, complete } = stand;
    const key = [jobId, attempt, lastSeq, complete, after, before, limit, tail, step].join();
    return this.pages.page(key, () => this.readPage(stand, { after, before, limit, tail, step }));
  }

  /** Lines with a text in them: their exact number, and a page of them. */
  async search(caller: Caller, request: SearchRequest, gone: AbortSignal): Promise<LogSearchPage> {
    const { jobId, attempt, lastSeq, complete } = await this.standToRead(caller, request, false);
    const { q: needle, caseSensitive: isCaseSensitive, offset, limit, context, after = 0, step = null } = request;
    // up to where the log stands now, so that the count and `lastSeq` belong together
    const range = { after, before: Math.min(request.before ?? Infinity, lastSeq + 1), step };
    const wanted = { jobId, attempt, range, needle, isCaseSensitive, offset, limit, context };
    const { items, total } = await this.searcher.search(wanted, gone);
    const next = offset + items.length;
    const nextOffset = items.length > 0 && next < total ? next : null;
    return { items, total, offset, nextOffset, attempt, lastSeq, complete };
  }

  /** Whether what is stored is what the runner wrote. */
  async receipt(
    caller: Caller,
    request: Pick<LogRequest, 'jobId' | 'attempt'>,
    again: boolean,
    gone: AbortSignal,
  ): Promise<LogReceipt> {
    const { complete: hasEnded, isTold, removedOn, ...log } = await this.stand(caller, request, false);
    const { attempt, lastSeq } = log;
    if (!hasEnded) return pendingReceipt(attempt, lastSeq);
    if (removedOn !== null) {
      const kept = await this.receipts.kept(log);
      return receiptOfRemoved(kept, { attempt, lastSeq, isTold, day: removedOn });
    }
    const { counted, checked } = await this.receipts.receiptOf(log, again, gone);
    const { missing, missingParts, cut = null } = checked.stored;
    const judged = judgeLog(counted, checked.stored, { lastSeq, isTold });
    return { ...judged, attempt, lastSeq, missing, missingParts, cut, checkedAt: checked.at.toISOString(), removedOn };
  }

  /** Whether the organization has the job; for those who want to watch it. */
  async exists({ organizationId }: Caller, jobId: JobId): Promise<boolean> {
    return (await this.standings.standing(organizationId, jobId, null)) !== null;
  }

  private async readPage({ jobId, attempt, lastSeq, complete }: Stand, request: LogRangeRequest): Promise<LogPage> {
    const range = await this.rangeOf(jobId, attempt, request, lastSeq);
    const items = await collectRows(this.reader.read(jobId, attempt, range), isFromTheEnd(request));
    const last = items.at(-1);
    const nextAfter = last ? lastSeqOfRow(last) : range.after;
    const nextBefore = items[0]?.seq ?? range.after + 1;
    return { items, attempt, lastSeq, complete, nextAfter, nextBefore };
  }

  /** Whoever counts from the end and comes to what was left out begins with the line that says so. */
  private async rangeOf(jobId: JobId, attempt: number, request: LogRangeRequest, lastSeq: number): Promise<LogRange> {
    const range = await this.reader.rangeOf(jobId, attempt, logRangeOf(request, lastSeq));
    if (range.after === 0 || !isFromTheEnd(request)) return range;
    return { ...range, after: (await this.reader.shownAt(jobId, attempt, range.after + 1)) - 1 };
  }

  /** @throws AppError 410 `log_removed` */
  private async standToRead(
    caller: Caller,
    request: Pick<LogRequest, 'jobId' | 'attempt'>,
    mayCome: boolean,
  ): Promise<Stand> {
    const stand = await this.stand(caller, request, mayCome);
    if (stand.removedOn !== null) throw logRemoved(stand.removedOn);
    return stand;
  }

  private async stand(
    { organizationId }: Caller,
    { jobId: id, attempt }: Pick<LogRequest, 'jobId' | 'attempt'>,
    mayCome: boolean,
  ): Promise<Stand> {
    if (!UUID.test(id)) throw jobNotFound();
    const jobId = id.toLowerCase() as JobId;
    const standing = await this.standings.standing(organizationId, jobId, attempt ?? null);
    if (standing === null) throw jobNotFound();
    const isAwaited = mayCome && !isTerminal(standing.jobState);
    if (attempt !== undefined && standing.attempt === null && !isAwaited) throw attemptNotFound(attempt, standing);
    return {
      jobId,
      attempt: attempt ?? standing.latestAttempt,
      lastSeq: standing.attempt?.lastSeq ?? 0,
      complete: standing.attempt?.ended ?? false,
      isTold: standing.attempt?.complete ?? false,
      // where nothing was printed, nothing is gone
      removedOn: (standing.attempt?.lastSeq ?? 0) > 0 ? standing.removedOn : null,
    };
  }
}

async function* mapped<From>(source: AsyncGenerator<From>, map: (from: From) => string): AsyncGenerator<string> {
  for await (const each of source) yield map(each);
}

/** With its first part at hand: whoever cannot read the log is told so, instead of being cut off behind the headers. */
async function begun(source: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await source.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* source;
  })();
}

function pendingReceipt(attempt: number, lastSeq: number): LogReceipt {
  const nothing = {
    lines: 0,
    bytes: 0,
    steps: [],
    missing: [],
    missingParts: 0,
    cut: null,
    checkedAt: null,
    removedOn: null,
  };
  const text = attempt === 0 ? 'No runner has taken the job.' : 'The attempt has not ended.';
  return { status: 'pending', text, attempt, lastSeq, ...nothing };
}

function attemptNotFound(attempt: number, { latestAttempt }: LogStanding): AppError {
  const made = latestAttempt === 1 ? 'one attempt' : `${latestAttempt} attempts`;
  return new AppError(404, 'attempt_not_found', `The job has no attempt ${attempt}; it has ${made} so far.`);
}
