import { Injectable } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';

/**
 * Who reads a log right now: live viewers and following requests, here and on other servers. The runner ships at once
 * while somebody does, and once a second while nobody does.
 */
@Injectable()
export class LogWatchers {
  private readonly counts = new Map<JobId, number>();
  /** By other servers, as far as they told. */
  private readonly elsewhereBy = new Map<JobId, Set<string>>();

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
    return [...jobIds].filter((jobId) => this.isWatched(jobId));
  }

  /** Jobs whose log somebody on this server is watching. */
  here(): JobId[] {
    return [...this.counts.keys()];
  }

  isWatchedHere(jobId: JobId): boolean {
    return this.counts.has(jobId);
  }

  isWatchedElsewhere(jobId: JobId): boolean {
    return this.elsewhereBy.has(jobId);
  }

  /** Another server tells of its own readers. */
  elsewhere(serverId: string, jobId: JobId, watched: boolean): void {
    const before = this.isWatched(jobId);
    const servers = this.elsewhereBy.get(jobId) ?? new Set();
    if (watched) this.elsewhereBy.set(jobId, servers.add(serverId));
    else servers.delete(serverId);
    if (servers.size === 0) this.elsewhereBy.delete(jobId);
    this.tell(jobId, before);
  }

  /** That server is gone, and its readers with it. */
  forgetElsewhere(serverId: string): void {
    for (const jobId of [...this.elsewhereBy.keys()]) this.elsewhere(serverId, jobId, false);
  }

  private change(jobId: JobId, by: 1 | -1): void {
    const before = this.isWatched(jobId);
    const count = (this.counts.get(jobId) ?? 0) + by;
    if (count === 0) this.counts.delete(jobId);
    else this.counts.set(jobId, count);
    if (count === 0 || (count === 1 && by === 1)) this.bus.publish('log.watched', { jobId, watched: count > 0 });
    this.tell(jobId, before);
  }

  private isWatched(jobId: JobId): boolean {
    return this.counts.has(jobId) || this.elsewhereBy.has(jobId);
  }

  private tell(jobId: JobId, before: boolean): void {
    const watched = this.isWatched(jobId);
    if (watched !== before) this.bus.publish('job.watched', { jobId, watched });
  }
}
