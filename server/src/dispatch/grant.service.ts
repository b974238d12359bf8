import { Inject, Injectable, Logger } from '@nestjs/common';
import type { GrantedJob } from '@dibs/shared';
import { isFreshGrant } from '../domain/dispatch/grant-age.js';
import type { Lane } from '../domain/dispatch/lanes.js';
import { EventBus } from '../events/event-bus.js';
import type { StandingClaim } from '../jobs/standing-claim.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import type { ClaimVerdict, Granted } from './claim.repository.js';
import { claimToken } from './claim-token.js';
import type { ConnectedInstance } from './connected-instance.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher, type Assignment, type Granting } from './dispatcher.js';
import { GrantRepository, type GrantRequest } from './grant.repository.js';
import { InstanceRegistry } from './instance-registry.js';
import { JobSecrets } from './job-secrets.js';

/** Jobs in one statement. Twice as many are no cheaper for each, and those after them would wait twice as long. */
const MAX_BATCH = 500;
/** While one statement waits for its commit, another one can be worked on. */
const MAX_STATEMENTS = 2;
/** A job that somebody has locked right now, to cancel it say, is looked at again after this time. */
const LOCKED_RETRY_MS = 25;

/** Slots of an instance that are kept for a job on its way to the database. */
export interface Reservation {
  readonly instance: ConnectedInstance;
  readonly slots: number;
  readonly claim: StandingClaim;
  /** Monotonic, before the statement. */
  readonly madeAtMs: number;
}

/**
 * Grants to standing claims: what the dispatcher matched becomes attempts, many in one statement, and each instance is
 * told after COMMIT, in one message. Assignments that are made while the statements are under way go out together in
 * the next one; there is no timer, so an idle server adds no waiting time.
 */
@Injectable()
export class GrantService implements Granting {
  private readonly logger = new Logger(GrantService.name);
  private statements = 0;

  constructor(
    private readonly repository: GrantRepository,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    private readonly dispatcher: Dispatcher,
    private readonly registry: InstanceRegistry,
    private readonly secrets: JobSecrets,
    private readonly bus: EventBus,
    private readonly metrics: DispatchMetrics,
  ) {
    dispatcher.granting = this;
  }

  get room(): number {
    return this.statements < MAX_STATEMENTS ? MAX_BATCH : 0;
  }

  grant(assignments: readonly Assignment[]): void {
    this.statements += 1;
    void this.record(assignments).finally(() => {
      this.statements -= 1;
      this.dispatcher.schedule();
    });
  }

  /** A free standing claim for a job that is about to be stored; null: it waits its turn. To be followed by `settle`. */
  reserve(lane: Lane): Reservation | null {
    const instance = this.dispatcher.reserve(lane);
    if (instance === null) return null;
    const { runnerId, instanceId, instanceName, sessionId } = instance.identity;
    const who = { runnerId, runnerName: instance.runnerName, instanceId, instanceName, sessionId };
    const claim = { ...who, claimToken: claimToken(), leaseMs: this.timing.leaseMs };
    return { instance, slots: lane.requirements.slots, claim, madeAtMs: performance.now() };
  }

  /**
   * @param granted null: the job was not stored, or not for this claim. When nobody knows what became of it, and it was
   *   granted after all, renewals show the attempt that its runner does not know of
   * @param secrets of the job, as submitted
   */
  settle({ instance, slots, madeAtMs }: Reservation, granted: Granted | null, secrets: GrantedJob['secrets']): void {
    if (granted === null) return this.dispatcher.giveBack(instance, slots);
    const { jobId, attempt, claimToken, spec, startedStep } = granted;
    instance.hold(jobId, slots, attempt);
    // before everything that can wait: this is what the runner waits for
    if (this.canSend(instance, madeAtMs)) {
      instance.link.grant([{ jobId, attempt, claimToken, spec, secrets, startedStep }]);
    }
    this.metrics.dispatched(0);
    this.bus.publish('job.dispatched', { organizationId: instance.organizationId, waitedMs: 0 });
    this.metrics.granted(1);
  }

  private async record(assignments: readonly Assignment[]): Promise<void> {
    const madeAtMs = performance.now();
    let verdicts: readonly ClaimVerdict[];
    try {
      verdicts = await this.repository.grant(requestsOf(assignments), this.timing.leaseMs);
    } catch (error) {
      // executed or not, nobody knows: the sweep finds the jobs that still wait, renewals show the grants that got lost
      this.logger.warn({ err: error, jobs: assignments.length }, 'grants could not be recorded');
      for (const { job, instance } of assignments) {
        this.dispatcher.notClaimed(job.jobId, null);
        this.dispatcher.giveBack(instance, job.lane.weight);
      }
      return;
    }
    const granted = new Map<ConnectedInstance, Granted[]>();
    assignments.forEach((assignment, index) => {
      const verdict = verdicts[index]!;
      if (verdict.verdict !== 'granted') return this.refused(assignment, verdict);
      const { instance, job } = assignment;
      instance.hold(job.jobId, job.lane.weight, verdict.attempt);
      const jobs = granted.get(instance);
      if (jobs) jobs.push(verdict);
      else granted.set(instance, [verdict]);
    });
    for (const [instance, jobs] of granted) this.granted(instance, jobs, madeAtMs);
  }

  private granted(instance: ConnectedInstance, granted: readonly Granted[], madeAtMs: number): void {
    const jobs = this.secrets.openAll(granted, instance);
    if (jobs.length > 0 && this.canSend(instance, madeAtMs)) instance.link.grant(jobs);
    this.metrics.granted(granted.length);
    for (const each of granted) {
      const { jobId, organizationId, startedStep } = each;
      this.dispatcher.claimed(jobId, null, organizationId);
      this.metrics.dispatched(each.waitedMs);
      this.bus.publish('job.dispatched', { organizationId, waitedMs: each.waitedMs });
      const state = startedStep === null ? 'claimed' : 'running';
      this.bus.publish('job.changed', { organizationId, jobId, state, reason: null });
    }
  }

  /**
   * false: committed, but its session is over, or it took too long. A later session of the same process, or a renewal
   * that does not name it, gives it again with a fresh lease.
   */
  private canSend(instance: ConnectedInstance, madeAtMs: number): boolean {
    return this.registry.isLive(instance) && isFreshGrant(madeAtMs, performance.now(), this.timing);
  }

  private refused({ job, instance }: Assignment, verdict: Exclude<ClaimVerdict, { verdict: 'granted' }>): void {
    const { jobId } = job;
    this.metrics.grantLost();
    if (verdict.verdict === 'not_allowed') {
      // somebody else has asked it to drain, or disabled it: until a renewal says so too it would be chosen again
      instance.draining = true;
      this.dispatcher.notClaimed(jobId, job);
    } else if (verdict.state === 'queued') {
      setTimeout(() => this.dispatcher.notClaimed(jobId, job), LOCKED_RETRY_MS).unref();
    } else {
      this.dispatcher.notClaimed(jobId, null);
    }
    this.dispatcher.giveBack(instance, job.lane.weight);
  }
}

function requestsOf(assignments: readonly Assignment[]): GrantRequest[] {
  const requests: GrantRequest[] = [];
  for (const { job, instance } of assignments) {
    requests.push({
      jobId: job.jobId,
      organizationId: instance.organizationId,
      claimId: null,
      claimToken: claimToken(),
      instanceId: instance.identity.instanceId,
      sessionId: instance.identity.sessionId,
      start: true,
    });
  }
  return requests;
}
