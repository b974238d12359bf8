import type { CancelOrder, GrantedJob, HeldAttempt, JobId, Renew, Renewed, Welcome } from '@dibs/shared';
import { Attempt } from './attempt.js';
import type { AttemptHost, ServerTerms } from './attempt-host.js';
import type { StopCause } from './attempt-outcome.js';
import { attemptKey } from './journal.js';
import { recoverAttempts } from './recovery.js';

/** Every attempt that this runner holds, and who of them is meant by what the server says. */
export class AttemptTable {
  /** Those that take up a slot. */
  private readonly attempts = new Map<string, Attempt>();
  /** Those of which something is left on this host: the former, and those being cleaned up. */
  private readonly unsettled = new Set<Attempt>();

  constructor(
    private readonly host: AttemptHost,
    private readonly on: {
      readonly released: (end: 'reported' | 'fenced') => void;
      readonly settled: () => void;
    },
  ) {}

  /** Slots in use. */
  get size(): number {
    return this.attempts.size;
  }

  get isSettled(): boolean {
    return this.unsettled.size === 0;
  }

  held(): HeldAttempt[] {
    return [...this.attempts.values()].map(({ held }) => held);
  }

  holds(jobId: JobId): boolean {
    return this.held().some((held) => held.jobId === jobId);
  }

  start(job: GrantedJob, terms: ServerTerms, claimSentAtMs: number): void {
    if (this.attempts.has(attemptKey(job))) return;
    this.keep(Attempt.start(this.host, job, terms, claimSentAtMs));
  }

  /** Takes over what an earlier process held. */
  async recover(): Promise<void> {
    for (const { held, record } of await recoverAttempts(this.host)) {
      this.keep(Attempt.recover(this.host, held, record));
    }
  }

  welcomed(welcome: Welcome): void {
    for (const standing of welcome.attempts) this.attempts.get(attemptKey(standing))?.linkUp(standing, welcome);
  }

  linkDown(): void {
    for (const attempt of this.attempts.values()) attempt.linkDown();
  }

  renewed(reply: Renewed, sent: Renew, sentAtMs: number): void {
    const fenced = new Set(reply.fenced.map(attemptKey));
    for (const key of fenced) this.attempts.get(key)?.fence();
    for (const held of sent.held) {
      const key = attemptKey(held);
      if (!fenced.has(key)) this.attempts.get(key)?.renewed(sentAtMs);
    }
    for (const order of reply.cancels) this.cancel(order);
    const watched = new Set(reply.watched);
    for (const attempt of this.attempts.values()) attempt.watched(watched.has(attempt.held.jobId));
  }

  cancel(order: CancelOrder): void {
    this.attempts.get(attemptKey(order))?.cancel(order);
  }

  watched(jobId: JobId, isWatched: boolean): void {
    for (const attempt of this.attempts.values()) if (attempt.held.jobId === jobId) attempt.watched(isWatched);
  }

  stopAll(cause: StopCause): void {
    for (const attempt of this.attempts.values()) attempt.stop(cause);
  }

  async allSettled(): Promise<void> {
    await Promise.all([...this.unsettled].map(({ settled }) => settled));
  }

  private keep(attempt: Attempt): void {
    const key = attemptKey(attempt.held);
    this.attempts.set(key, attempt);
    this.unsettled.add(attempt);
    void attempt.released.then(() => {
      this.attempts.delete(key);
      this.on.released(attempt.wasFenced ? 'fenced' : 'reported');
    });
    void attempt.settled.then(() => {
      this.unsettled.delete(attempt);
      this.on.settled();
    });
  }
}
