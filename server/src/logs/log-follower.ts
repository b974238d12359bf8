import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobId, JobReason } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { CallerStanding, type StayingCaller } from '../auth/caller-standing.js';
import { Bell } from '../events/bell.js';
import { AppError, unauthenticated } from '../platform/errors.js';
import { OpenRequests } from '../platform/open-requests.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { LogGrowth } from './log-growth.js';
import type { LogStanding } from './log-read.repository.js';
import { LogReader, type LogLines } from './log-reader.js';
import { LogStandings } from './log-standings.js';
import { LogWatchers } from './log-watchers.js';

/** What a follower sees: lines, and where the job went on with another attempt. */
export type Followed =
  | ({ readonly kind: 'lines'; readonly attempt: number } & LogLines)
  | {
      readonly kind: 'next_attempt';
      readonly ended: number;
      readonly reason: JobReason | null;
      readonly attempt: number;
    };

export interface FollowRequest {
  readonly caller: Caller;
  readonly jobId: JobId;
  /** null: the latest, and then whichever follows. */
  readonly attempt: number | null;
  /** Start after this line of the first attempt. */
  readonly after: number;
  /** Only lines of this step; null: all. */
  readonly step: number | null;
}

/** A busy log grows hundreds of times a second; a reader that is told every time would read in crumbs. */
const PACE_MS = 15;

/**
 * Follows a log until its job is terminal, or the attempt asked for has ended. An attempt that has ended takes no
 * further line, so what stands then is all there is. Growth events wake it; because they are hints, it looks again
 * every idle log period as well.
 */
@Injectable()
export class LogFollower implements OnModuleDestroy {
  private readonly requests = new OpenRequests();

  constructor(
    private readonly standings: LogStandings,
    private readonly reader: LogReader,
    private readonly growth: LogGrowth,
    private readonly watchers: LogWatchers,
    private readonly callers: CallerStanding,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  /** @param gone aborted when the reader has left; it also ends with the server */
  async *follow(request: FollowRequest, gone: AbortSignal): AsyncGenerator<Followed> {
    const { jobId } = request;
    const open = this.requests.begin(gone);
    const bell = new Bell();
    const endGrowth = this.growth.on(jobId, bell.ring);
    const endWatch = this.watchers.watch(jobId);
    const cursor: Cursor = { attempt: request.attempt, after: request.after };
    const visit = { caller: request.caller, connectedAtMs: Date.now(), checkedAtMs: performance.now() };
    try {
      while (!open.signal.aborted) {
        const lookedAtMs = performance.now();
        await this.demandStanding(visit);
        const next = yield* this.look(request, cursor, open.signal);
        if (next.kind === 'end') return;
        if (next.kind === 'next_attempt') {
          yield next;
          Object.assign(cursor, { attempt: next.attempt, after: 0 });
          continue;
        }
        await bell.wait(this.timing.logPeriodIdleMs, open.signal);
        await pause(Math.max(0, lookedAtMs + PACE_MS - performance.now()));
      }
    } finally {
      endWatch();
      endGrowth();
      open.end();
    }
  }

  /** Readers that are following right now. */
  get count(): number {
    return this.requests.count;
  }

  onModuleDestroy(): void {
    this.requests.endAll();
  }

  /** @throws AppError 401, which cuts the stream, once the caller was revoked: its request may be days old */
  private async demandStanding(visit: Visit): Promise<void> {
    if (performance.now() - visit.checkedAtMs < this.timing.principalRecheckMs) return;
    try {
      const fallen = await this.callers.fallen([visit]);
      if (fallen.length > 0) throw unauthenticated('invalid_token', 'The credentials were revoked.');
      visit.checkedAtMs = performance.now();
    } catch (error) {
      // nobody can be judged while the database is away, and there is nothing to be read either
      if (!(error instanceof AppError && error.status === 503)) throw error;
    }
  }

  /** Hands out what is new and tells what to do next. While the database is away there is nothing to do but wait. */
  private async *look(
    { caller, jobId, attempt: pinned, step }: FollowRequest,
    cursor: Cursor,
    signal: AbortSignal,
  ): AsyncGenerator<Followed, Next> {
    try {
      // read before the lines: what had ended then cannot have grown since
      const standing = await this.standings.standing(caller.organizationId, jobId, cursor.attempt);
      if (standing === null) return { kind: 'end' };
      yield* this.newLines({ jobId, step }, standing, cursor, signal);
      return whatNext(standing, cursor, pinned !== null);
    } catch (error) {
      if (error instanceof AppError && error.status === 503) return { kind: 'wait' };
      throw error;
    }
  }

  private async *newLines(
    { jobId, step }: Pick<FollowRequest, 'jobId' | 'step'>,
    { attempt: standing, latestAttempt }: LogStanding,
    cursor: Cursor,
    signal: AbortSignal,
  ): AsyncGenerator<Followed> {
    if (standing === null) return;
    const attempt = (cursor.attempt ??= latestAttempt);
    const range = { after: cursor.after, before: standing.lastSeq + 1, limit: Infinity, step };
    for await (const part of this.reader.read(jobId, attempt, range)) {
      if (signal.aborted) return;
      // of what was left out the record itself says how far it goes
      cursor.after = part.lines.at(-1)?.[4]?.lastSeq ?? part.firstSeq + part.lines.length - 1;
      yield { kind: 'lines', attempt, ...part };
    }
    // lines of other steps were passed over and need not be looked at again
    cursor.after = Math.max(cursor.after, standing.lastSeq);
  }
}

interface Visit extends StayingCaller {
  checkedAtMs: number;
}

interface Cursor {
  /** null: the job was never claimed so far. */
  attempt: number | null;
  /** Last line that was handed out. */
  after: number;
}

type Next = { readonly kind: 'end' } | { readonly kind: 'wait' } | Extract<Followed, { kind: 'next_attempt' }>;

function whatNext(
  { jobState, latestAttempt, attempt: standing }: LogStanding,
  cursor: Cursor,
  isPinned: boolean,
): Next {
  const isDone = isTerminal(jobState);
  if (standing === null || cursor.attempt === null) return { kind: isDone ? 'end' : 'wait' };
  if (!standing.ended) return { kind: 'wait' };
  if (isPinned) return { kind: 'end' };
  if (latestAttempt > cursor.attempt) {
    return { kind: 'next_attempt', ended: cursor.attempt, reason: standing.reason, attempt: cursor.attempt + 1 };
  }
  return { kind: isDone ? 'end' : 'wait' };
}
