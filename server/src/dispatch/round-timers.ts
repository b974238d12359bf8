import { ROUNDS, roundMs } from '../domain/dispatch/offer-round.js';
import type { WaitingJob } from './lane-queue.js';

interface Due {
  readonly job: WaitingJob;
  readonly offerSerial: number;
  readonly atMs: number;
}

/**
 * Tells when a round of offers has waited long enough. All jobs in the same round wait equally long, so each round
 * is a first-in first-out list with one timer: no timer for each job, no searching.
 */
export class RoundTimers {
  private readonly rounds: { readonly due: Due[]; timer: NodeJS.Timeout | null }[] = Array.from(
    { length: ROUNDS },
    () => ({ due: [], timer: null }),
  );

  /** @param onDue called with jobs that are still open in the round they were started in */
  constructor(private readonly onDue: (job: WaitingJob) => void) {}

  start(job: WaitingJob): void {
    const round = this.rounds[job.round]!;
    round.due.push({ job, offerSerial: job.offerSerial, atMs: performance.now() + roundMs(job.round) });
    if (round.timer === null) this.arm(job.round, roundMs(job.round));
  }

  stop(): void {
    for (const round of this.rounds) {
      clearTimeout(round.timer ?? undefined);
      round.timer = null;
      round.due.length = 0;
    }
  }

  private arm(index: number, delayMs: number): void {
    this.rounds[index]!.timer = setTimeout(() => this.fire(index), delayMs);
  }

  private fire(index: number): void {
    const round = this.rounds[index]!;
    round.timer = null;
    const nowMs = performance.now();
    let taken = 0;
    while (taken < round.due.length && (round.due[taken]!.atMs <= nowMs || isStale(round.due[taken]!))) taken += 1;
    const over = round.due.splice(0, taken);
    const [next] = round.due;
    if (next) this.arm(index, Math.max(1, next.atMs - nowMs));
    for (const due of over) if (!isStale(due)) this.onDue(due.job);
  }
}

function isStale({ job, offerSerial }: Due): boolean {
  return !job.open || job.offerSerial !== offerSerial;
}
