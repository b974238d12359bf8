import { Injectable } from '@nestjs/common';
import type { FailedJob, FirstError, JobId, JobState, LogsSearchPage, Page } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { AppError, badRequest } from '../platform/errors.js';
import { decodeCursor, toPage, UUID } from '../platform/page.js';
import { LogErrorRepository } from './log-error.repository.js';
import { LogSearchRepository } from './log-search.repository.js';
import { SearchAcrossJobs, type FoundInJob } from './search-across-jobs.js';
import { firstIdAt, timeOfId } from '../domain/logs/id-time.js';
import { behind, fromCursor, LAST_ID, toCursor, type SearchPosition } from './search-position.js';

export interface LogsSearchRequest {
  readonly q: string;
  readonly caseSensitive: boolean;
  readonly state?: readonly JobState[] | undefined;
  readonly runner?: string | undefined;
  readonly job?: string | undefined;
  readonly scope?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  readonly lines: number;
  readonly cursor?: string | undefined;
}

/** Finding lines in the logs of an organization's jobs, and other jobs that failed alike. */
@Injectable()
export class LogSearchService {
  constructor(
    private readonly repository: LogSearchRepository,
    private readonly errors: LogErrorRepository,
    private readonly searcher: SearchAcrossJobs,
  ) {}

  async search({ organizationId }: Caller, request: LogsSearchRequest, gone: AbortSignal): Promise<LogsSearchPage> {
    const { q: needle, caseSensitive: isCaseSensitive, limit, lines, from: oldest = null, to, cursor } = request;
    if (oldest !== null && to !== undefined && Date.parse(oldest) >= Date.parse(to)) {
      throw badRequest('invalid_range', 'from must be earlier than to.');
    }
    const { state: states = [], runner = null, job = null, scope = null } = request;
    const filter = { organizationId, states, runner, job, scope, fromMs: oldest === null ? null : Date.parse(oldest) };
    const newest = to === undefined ? LAST_ID : firstIdAt(Date.parse(to));
    const from = cursor === undefined ? behind(newest) : fromCursor(cursor);
    const { jobs, next } = await this.searcher.search({ filter, needle, isCaseSensitive, from, limit, lines }, gone);
    const known = await this.repository.jobs(
      organizationId,
      jobs.map((found) => found.jobId),
    );
    return {
      // a job that was removed a moment ago has no lines either
      items: jobs.flatMap((found) => {
        const { job: named, steps = [] } = known.get(found.jobId) ?? {};
        return named ? [{ job: named, ...linesOf(found, steps) }] : [];
      }),
      nextCursor: next === null ? null : toCursor(next),
      searchedBackTo: next === null ? null : searchedBackTo(next),
    };
  }

  /** @throws AppError 404 `job_not_found` */
  async firstError({ organizationId }: Caller, id: string): Promise<FirstError> {
    const jobId = id.toLowerCase() as JobId;
    const found = UUID.test(id) ? await this.errors.find(organizationId, jobId) : null;
    if (found === null) throw new AppError(404, 'job_not_found', 'There is no such job.');
    const { error, state, lastSeq, isSigned } = found;
    if (error !== null) {
      return { status: 'found', error, others: await this.errors.others(organizationId, error.fingerprint, jobId) };
    }
    const isPending = (state === 'failed' || state === 'timed_out') && lastSeq > 0 && !isSigned;
    return { status: isPending ? 'pending' : 'none', error: null, others: null };
  }

  async jobsWithError(
    { organizationId }: Caller,
    fingerprint: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<FailedJob>> {
    if (!FINGERPRINT.test(fingerprint)) {
      throw badRequest('invalid_fingerprint', 'A fingerprint has 32 hexadecimal digits: see the first-error of a job.');
    }
    const before = decodeCursor(cursor) ?? LAST_ID;
    const rows = await this.errors.jobs(organizationId, fingerprint, before, limit + 1);
    return toPage(
      rows,
      limit,
      ({ job }) => job.id,
      (row) => row,
    );
  }
}

const FINGERPRINT = /^[0-9a-f]{32}$/;

function linesOf({ lines, mayHaveMore }: FoundInJob, steps: readonly string[]) {
  const named = lines.map(({ attempt, row }) => ({ attempt, stepName: steps[row.step] ?? null, line: row }));
  return { lines: named, mayHaveMore };
}

/** The job in which it stopped is not done; another one of the same millisecond may be. */
function searchedBackTo({ before, within }: SearchPosition): string {
  return new Date(Math.min(timeOfId(before) + (within === null ? 0 : 1), Date.now())).toISOString();
}
