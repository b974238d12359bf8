import type { CancelOrder, GrantedJob, HeldAttempt, JobId, Renew, Renewed, Welcome } from '@dibs/shared';
import { Attempt } from './attempt.js';
import type { AttemptHost, ServerTerms } from './attempt-host.js';
import type { StopCause } from './attempt-outcome.js';
import { EarlyCancels } from './early-cancels.js';
import { attemptKey } from './journal.js';
import { recoverAttempts } from './recovery.js';

/** Every attempt that this runner holds, and who of them is meant by what the server says. */
export class AttemptTable {
  private readonly attempts = new Map<string, Attempt>();
  /** Granted, but without a slot yet, first come, first served. */
  private waiting: Held[] = [];
  private slotsInUse = 0;
  /** What ended here, newest last: a grant that comes a second time must not run a second time. */
  private readonly ended = new Set<string>();
  private readonly earlyCancels = new EarlyCancels();
  /** Those of which something is left on this host: the former, and those being cleaned up. */
  private readonly unsettled = new Set<Attempt>();

  constructor(
    private readonly host: AttemptHost,
    private readonly on: {
      readonly released: (end: 'reported' | 'fenced') => void;
      readonly settled: () => void;
    },
  ) {}

  get size(): number {
    return this.attempts.size;
  }

  /** Slots that are taken, or will be by what is held already. */
  get usedSlots(): number {
    return this.waiting.reduce((slots, held) => slots + held.slots, this.slotsInUse);
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

  /**
   * The job begins at once when its slots are free. They may not be: the server counts a slot as free when it has
   * accepted a result, so its next grant can be here before the answer to that result.
   */
  start(job: GrantedJob, terms: ServerTerms, trustedFromMs: number): void {
    const key = attemptKey(job);
    if (this.knows(key)) return;
    const attempt = Attempt.hold(this.host, job, terms, trustedFromMs);
    const held = { attempt, slots: job.spec.slots };
    this.waiting.push(held);
    this.keep(attempt, () => this.leaveSlots(held));
    const order = this.earlyCancels.take(key);
    if (order) attempt.cancel(order);
    this.beginNext();
  }

  /** Held now, or ended here before. */
  knows(key: string): boolean {
    return this.attempts.has(key) || this.ended.has(key);
  }

  /** Takes over what an earlier process held. */
  async recover(): Promise<void> {
    for (const { held, record } of await recoverAttempts(this.host)) {
      this.slotsInUse += 1;
      this.keep(Attempt.recover(this.host, held, record), () => (this.slotsInUse -= 1));
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

  /** An order may overtake the grant of its attempt. */
  cancel(order: CancelOrder): void {
    const key = attemptKey(order);
    if (!this.knows(key)) return this.earlyCancels.add(order);
    this.attempts.get(key)?.cancel(order);
  }

  watched(jobId: JobId, isWatched: boolean): void {
    for (const attempt of this.attempts.values()) if (attempt.held.jobId === jobId) attempt.watched(isWatched);
  }

  get runsEngine(): boolean {
    return [...this.attempts.values()].some((attempt) => attempt.runsEngine);
  }

  stopAll(cause: StopCause): void {
    for (const attempt of this.attempts.values()) attempt.stop(cause);
  }

  async allSettled(): Promise<void> {
    await Promise.all([...this.unsettled].map(({ settled }) => settled));
  }

  private beginNext(): void {
    for (let next = this.waiting[0]; next && this.fits(next); next = this.waiting[0]) {
      this.waiting.shift();
      this.slotsInUse += next.slots;
      next.attempt.begin();
    }
  }

  /** A job that is larger than this whole runner would wait for ever: it gets all of it. */
  private fits({ slots }: Held): boolean {
    return this.slotsInUse === 0 || this.slotsInUse + slots <= this.host.slots;
  }

  private leaveSlots(held: Held): void {
    if (this.waiting.includes(held)) this.waiting = this.waiting.filter((other) => other !== held);
    else this.slotsInUse -= held.slots;
  }

  private keep(attempt: Attempt, leaveSlots: () => void): void {
    const key = attemptKey(attempt.held);
    this.attempts.set(key, attempt);
    this.unsettled.add(attempt);
    void attempt.released.then(() => {
      this.attempts.delete(key);
      this.remember(key);
      leaveSlots();
      this.beginNext();
      this.on.released(attempt.wasFenced ? 'fenced' : 'reported');
    });
    void attempt.settled.then(() => {
      this.unsettled.delete(attempt);
      this.on.settled();
    });
  }

  private remember(key: string): void {
    this.ended.add(key);
    const [oldest] = this.ended;
    if (this.ended.size > MAX_REMEMBERED && oldest !== undefined) this.ended.delete(oldest);
  }
}

interface Held {
  readonly attempt: Attempt;
  readonly slots: number;
}

/** A second grant comes within a reconnect; this is more than the jobs that can end in one. */
const MAX_REMEMBERED = 4000;
