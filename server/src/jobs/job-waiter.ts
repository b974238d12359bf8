import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { isTerminal } from '@dibs/shared';
import { Bell } from '../events/bell.js';
import { OpenRequests } from '../platform/open-requests.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { JobChanges } from './job-changes.js';
import type { JobRow } from './job-row.js';
import { JobRepository } from './job.repository.js';

/**
 * Holds a request until its job is terminal. The event of this process wakes it at once; because events are hints, the
 * database is asked again every sweep period as well.
 */
@Injectable()
export class JobWaiter implements OnModuleDestroy {
  private readonly requests = new OpenRequests();

  constructor(
    private readonly jobs: JobRepository,
    private readonly changes: JobChanges,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  /**
   * @param timeoutMs how long to wait at most
   * @param gone aborted when nobody reads the answer any more
   * @returns the job as it is when the waiting ends; null: there is no such job
   */
  async untilTerminal(
    organizationId: OrganizationId,
    id: JobId,
    timeoutMs: number,
    gone: AbortSignal,
  ): Promise<JobRow | null> {
    const request = this.requests.begin(gone, timeoutMs);
    const bell = new Bell();
    // only the end is worth a look at the database; the sweep-period look finds an end whose event was lost
    const unsubscribe = this.changes.on(id, (hint) => isTerminal(hint.state) && bell.ring());
    try {
      for (;;) {
        const job = await this.jobs.find(organizationId, id);
        if (job === null || isTerminal(job.state) || request.signal.aborted) return job;
        await bell.wait(this.timing.sweepEveryMs, request.signal);
      }
    } finally {
      unsubscribe();
      request.end();
    }
  }

  onModuleDestroy(): void {
    this.requests.endAll();
  }
}
