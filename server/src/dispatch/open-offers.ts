import type { JobId } from '@dibs/shared';
import { ROUNDS, leastLoaded, sampleSize, wideningSize } from '../domain/dispatch/offer-round.js';
import type { ConnectedInstance } from './connected-instance.js';
import type { LaneQueue, WaitingJob } from './lane-queue.js';
import { RoundTimers } from './round-timers.js';

/** What the offers need of whoever matches. */
export interface OfferHost {
  /** The slots of the instance have changed. */
  refresh(instance: ConnectedInstance): void;
  /** The job waits again. */
  putBack(job: WaitingJob): void;
  isOpen(jobId: JobId): boolean;
  /** Flushes at the end of this tick. */
  schedule(): void;
  /** An offer to this instance ran out without an answer. */
  unanswered(instance: ConnectedInstance): void;
}

/**
 * The jobs that are offered right now to instances without standing claims: to few at first, to more of them while
 * nobody claims. What is decided within one tick for one instance leaves in one message.
 */
export class OpenOffers {
  private readonly timers = new RoundTimers((job) => this.nextRound(job));
  private readonly toFlush = new Set<ConnectedInstance>();

  constructor(private readonly host: OfferHost) {}

  stop(): void {
    this.timers.stop();
  }

  /** Takes the best job of the lane and begins its first round. */
  begin(lane: LaneQueue, size: number): void {
    const job = lane.waiting.takeFirst()!;
    lane.offered.add(job);
    job.round = 0;
    this.ask(job, size);
  }

  /** The job is gone: everybody but the winner is told. */
  close(job: WaitingJob, winner: ConnectedInstance | undefined): void {
    for (const instance of job.offeredTo ?? []) {
      this.clear(job, instance);
      if (instance === winner) continue;
      instance.outbox.withdrawn.push(job.jobId);
      this.tell(instance);
    }
  }

  /** Takes an offer back without telling: it was not answered, or the instance is gone. */
  revoke(job: WaitingJob, instance: ConnectedInstance): void {
    this.clear(job, instance);
    if (job.offeredTo!.size > 0 || !job.open) return;
    job.offerSerial += 1;
    job.lane.offered.delete(job);
    this.host.putBack(job);
  }

  /** @returns how many offers were sent */
  flush(): number {
    let sent = 0;
    for (const { outbox, link } of this.toFlush) {
      // a job offered and taken within the same tick needs no word at all
      const offers = outbox.offers.splice(0).filter((offer) => this.host.isOpen(offer.jobId));
      const withdrawn = outbox.withdrawn.splice(0);
      if (withdrawn.length > 0) link.withdraw(withdrawn);
      if (offers.length > 0) link.offer(offers);
      sent += offers.length;
    }
    this.toFlush.clear();
    return sent;
  }

  private ask(job: WaitingJob, size: number): void {
    const { lane } = job;
    const offeredTo = (job.offeredTo ??= new Set());
    const sample = lane.askable.sample(sampleSize(size), (instance) => !offeredTo.has(instance));
    for (const instance of leastLoaded(sample, size, (each) => each.lanes.get(lane) ?? 0)) {
      offeredTo.add(instance);
      instance.offered.add(job);
      instance.offeredSlots += lane.weight;
      instance.outbox.offers.push({ jobId: job.jobId, priority: job.priority });
      job.asked += 1;
      this.tell(instance);
      this.host.refresh(instance);
    }
    job.rounds += 1;
    job.offerSerial += 1;
    this.timers.start(job);
  }

  /** Nobody claimed the job in this round: ask more instances, or begin again after the last round. */
  private nextRound(job: WaitingJob): void {
    job.round += 1;
    // a standing claim that became free meanwhile is sure, so the job goes back to where it is granted from
    const isSure = !job.lane.standing.isEmpty;
    if (job.round < ROUNDS && !isSure) return this.ask(job, wideningSize(job.round));
    for (const instance of [...job.offeredTo!]) {
      if (isSure) {
        instance.outbox.withdrawn.push(job.jobId);
        this.tell(instance);
      } else {
        this.host.unanswered(instance);
      }
      this.revoke(job, instance);
    }
  }

  private clear(job: WaitingJob, instance: ConnectedInstance): void {
    job.offeredTo!.delete(instance);
    if (instance.offered.delete(job)) instance.offeredSlots -= job.lane.weight;
    this.host.refresh(instance);
  }

  private tell(instance: ConnectedInstance): void {
    this.toFlush.add(instance);
    this.host.schedule();
  }
}
