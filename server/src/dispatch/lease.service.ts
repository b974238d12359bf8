import { Inject, Injectable } from '@nestjs/common';
import type { CancelOrder, Renew, Renewed } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { LogWatchers } from '../logs/log-watchers.js';
import { Coalescer } from '../platform/coalescer.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import type { ConnectedInstance } from './connected-instance.js';
import { Dispatcher } from './dispatcher.js';
import { HeldCheck } from './held-check.js';
import { LeaseRepository, type RenewRequest, type RenewResult } from './lease.repository.js';

/** Heartbeats: leases go on, lost cancels and fences are told again, the count of used slots is put right. */
@Injectable()
export class LeaseService {
  private readonly renewals: Coalescer<RenewRequest, RenewResult>;

  constructor(
    repository: LeaseRepository,
    @Inject(TIMING_SETTINGS) { leaseMs, renewEveryMs }: TimingSettings,
    private readonly heldCheck: HeldCheck,
    private readonly dispatcher: Dispatcher,
    private readonly watchers: LogWatchers,
    private readonly bus: EventBus,
  ) {
    this.renewals = new Coalescer((requests) => repository.renew(requests, leaseMs, 2 * renewEveryMs));
  }

  /** @returns null when the session is no longer the live one of its instance */
  async renew(instance: ConnectedInstance, renew: Renew): Promise<Renewed | null> {
    const { instanceId, sessionId } = instance.identity;
    const { held, draining } = renew;
    const askedAt = performance.now();
    const result = await this.renewals.add({ instanceId, sessionId, draining, held });
    if (!result.live) return null;
    this.heldCheck.renewed(instance, renew, result.current, askedAt);
    instance.draining = draining || result.drainRequested;
    this.dispatcher.refresh(instance);
    const { organizationId, runnerId } = instance.identity;
    if (result.hasTurned) this.bus.publish('runner.changed', { organizationId, runnerId });
    return answer(held, result, this.watchers);
  }
}

function answer(held: Renew['held'], result: RenewResult, watchers: LogWatchers): Renewed {
  const renewed = new Map(result.renewed.map((attempt) => [`${attempt.jobId}/${attempt.attempt}`, attempt]));
  const kept = held.filter(({ jobId, attempt }) => renewed.has(`${jobId}/${attempt}`));
  const cancels = kept.flatMap(({ jobId, attempt }): CancelOrder[] => {
    const mode = renewed.get(`${jobId}/${attempt}`)?.cancelMode ?? null;
    return mode === null ? [] : [{ jobId, attempt, mode }];
  });
  return {
    fenced: held.filter((attempt) => !kept.includes(attempt)).map(({ jobId, attempt }) => ({ jobId, attempt })),
    cancels,
    watched: watchers.watchedAmong(kept.map(({ jobId }) => jobId)),
    drain: result.drainRequested,
    drainDeadlineMs: result.drainDeadlineMs,
  };
}
