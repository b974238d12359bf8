import { Injectable } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';

/**
 * Who reads a log right now: live viewers and following requests. The runner ships at once while somebody does, and
 * once a second while nobody does.
 */
@Injectable()
export class LogWatchers {
  private readonly counts = new Map<JobId, number>();

  constructor(private readonly bus: EventBus) {}

  /** @returns a function that ends the watching; calling it twice is harmless */
  watch(jobId: JobId): () => void {
    this.change(jobId, +1);
    let isOver = false;
    return () => {
      if (!isOver) this.change(jobId, -1);
      isOver = true;
    };
  }

  /** Those of the given jobs whose log somebody is watching. */
  watchedAmong(jobIds: Iterable<JobId>): JobId[] {
    return [...jobIds].filter((jobId) => this.counts.has(jobId));
  }

  private change(jobId: JobId, by: 1 | -1): void {
    const before = this.counts.get(jobId) ?? 0;
    const count = before + by;
    if (count === 0) this.counts.delete(jobId);
    else this.counts.set(jobId, count);
    if (before === 0 || count === 0) this.bus.publish('job.watched', { jobId, watched: count > 0 });
  }
}
