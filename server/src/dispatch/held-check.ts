import { Inject, Injectable, Logger } from '@nestjs/common';
import type { JobId, Renew } from '@dibs/shared';
import { isFreshGrant } from '../domain/dispatch/grant-age.js';
import { slotsOf as weightOf } from '../domain/dispatch/lanes.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import type { ConnectedInstance, Holding } from './connected-instance.js';
import { DeafWatch } from './deaf-watch.js';
import { InstanceRegistry } from './instance-registry.js';
import { JobSecrets } from './job-secrets.js';
import { parseSpecJson } from '../jobs/spec/spec-json.js';
import { RegrantRepository, type StoredGrant } from './regrant.repository.js';

/** Renewals that may leave an attempt unnamed before its grant is sent again. */
const UNNAMED_RENEWALS = 2;
/** And after so many it is left to its lease: a runner that never takes it up must not keep the job for ever. */
const MOST_UNNAMED_RENEWALS = 6;

/**
 * Compares what an instance says it holds with what is its own by the database, at each of its renewals. Slots of
 * attempts that are over become free, by whatever accident they were still counted; a grant that got lost is repeated.
 */
@Injectable()
export class HeldCheck {
  private readonly logger = new Logger(HeldCheck.name);

  constructor(
    private readonly registry: InstanceRegistry,
    private readonly repository: RegrantRepository,
    private readonly secrets: JobSecrets,
    private readonly deaf: DeafWatch,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  /**
   * @param current attempts that are current by the database: those it holds, and what else is of this process
   * @param askedAt when the renewal came (monotonic, ms): what was granted since is not compared
   */
  renewed(instance: ConnectedInstance, { held, freeSlots }: Renew, current: readonly JobId[], askedAt: number): void {
    const named = new Set(held.map(({ jobId }) => jobId));
    this.releaseOthers(instance, new Set(current), askedAt);
    const unnamed = this.unnamedAmong(instance, current, named, askedAt);
    instance.stopped = freeSlots === 0 && slotsOf(instance, named) < instance.slots;
    if (unnamed.length === 0) return this.deaf.holdsAll(instance);
    this.deaf.ignoresGrants(instance);
    const worthRepeating = unnamed.filter((jobId) => {
      return (instance.current.get(jobId)?.unnamed ?? 0) <= MOST_UNNAMED_RENEWALS;
    });
    if (worthRepeating.length > 0) void this.regrant(instance, worthRepeating);
  }

  private releaseOthers(instance: ConnectedInstance, current: ReadonlySet<JobId>, askedAt: number): void {
    for (const [jobId, { since }] of instance.current) {
      if (since < askedAt && !current.has(jobId)) this.registry.release(instance.identity.instanceId, jobId);
    }
  }

  /** @returns attempts that several renewals in a row did not name */
  private unnamedAmong(
    instance: ConnectedInstance,
    current: readonly JobId[],
    named: ReadonlySet<JobId>,
    askedAt: number,
  ): JobId[] {
    const unnamed: JobId[] = [];
    const unnoted = new Map<JobId, number>();
    for (const jobId of current) {
      const holding = instance.current.get(jobId) ?? this.adopt(instance, jobId);
      if (holding === null) {
        unnoted.set(jobId, performance.now());
        continue;
      }
      if (named.has(jobId)) holding.unnamed = 0;
      else if (holding.since < askedAt) holding.unnamed += 1;
      if (holding.unnamed >= UNNAMED_RENEWALS) unnamed.push(jobId);
    }
    instance.unnoted = unnoted;
    return unnamed;
  }

  /**
   * Of a statement whose answer got lost, so that nobody noted the attempt. Its weight is learned with the grant.
   *
   * @returns null: seen for the first time. Most likely it has ended between the look of the renewal and now: a busy
   *   instance has as many of those as slots, and counted they would keep it idle until the next renewal.
   */
  private adopt(instance: ConnectedInstance, jobId: JobId): Holding | null {
    const seenAt = instance.unnoted.get(jobId);
    if (seenAt === undefined) return null;
    instance.hold(jobId, 1, null, seenAt);
    instance.usedSlots += 1;
    return instance.current.get(jobId)!;
  }

  private async regrant(instance: ConnectedInstance, jobIds: readonly JobId[]): Promise<void> {
    const madeAtMs = performance.now();
    try {
      const grants = await this.repository.regrant(instance.identity, jobIds, this.timing.leaseMs);
      if (!this.registry.isLive(instance)) return;
      for (const grant of grants) correctWeight(instance, grant);
      const jobs = this.secrets.openAll(grants, instance);
      // one that took too long could be trusted beyond its lease: the next renewal gives it with another one
      if (jobs.length > 0 && isFreshGrant(madeAtMs, performance.now(), this.timing)) instance.link.grant(jobs);
    } catch (error) {
      // the next renewal tries again
      this.logger.warn({ err: error, instanceId: instance.identity.instanceId }, 'grants could not be repeated');
    }
  }
}

function slotsOf(instance: ConnectedInstance, jobIds: Iterable<JobId>): number {
  let slots = 0;
  // one whose result has just come is named still: its weight is not known any more, and may be what makes the difference
  for (const jobId of jobIds) slots += instance.current.get(jobId)?.slots ?? instance.slots;
  return slots;
}

function correctWeight(instance: ConnectedInstance, { jobId, spec }: StoredGrant): void {
  const holding = instance.current.get(jobId);
  if (!holding) return;
  const slots = weightOf(parseSpecJson(spec));
  instance.usedSlots += slots - holding.slots;
  holding.slots = slots;
}
