import { Inject, Injectable } from '@nestjs/common';
import type { Claim, Claimed, ClaimId, ClaimResult, JobId, Refusal } from '@dibs/shared';
import { fits } from '../domain/dispatch/eligibility.js';
import { slotsOf } from '../domain/dispatch/lanes.js';
import { EventBus } from '../events/event-bus.js';
import { parseSpecJson } from '../jobs/spec/spec-json.js';
import { Coalescer } from '../platform/coalescer.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import {
  ClaimRepository,
  type ClaimRequest,
  type ClaimVerdict,
  type Granted,
  type KnownClaim,
} from './claim.repository.js';
import { claimToken } from './claim-token.js';
import type { ConnectedInstance } from './connected-instance.js';
import { DeafWatch } from './deaf-watch.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher } from './dispatcher.js';
import { InstanceRegistry } from './instance-registry.js';
import { JobSecrets } from './job-secrets.js';
import type { LaneQueue } from './lane-queue.js';
import { PauseBook } from './pause-book.js';
import { QueueRepository, type FoundJob } from './queue.repository.js';
import { refused, refusedForNow } from './refusals.js';

type SingleClaim = Claim['claims'][number];
type Answer = Refusal | { readonly ok: true; readonly granted: Granted };

/** A job that is claimed by name, from memory or from the database. */
interface Claimable {
  readonly lane: LaneQueue;
  readonly priority: number;
  readonly rank: number;
  /** How many instances heard of it, in how many rounds; absent: it was not in memory here. */
  readonly asked?: number;
  readonly rounds?: number;
}

const ALREADY_CLAIMED = refused('E_ALREADY_CLAIMED', 'Another runner got this job.');
const NOT_FOUND = refused('E_NOT_FOUND', 'There is no such job.');
const SEALED = refused('E_INTERNAL', 'The secrets of this job cannot be opened.');

/**
 * Claims. Losers are refused from memory; whoever may win goes to the database, many in one statement. The runner's
 * word is not believed: whether it fits and has a free slot is checked here again, offered or not.
 */
@Injectable()
export class ClaimService {
  private readonly pending = new Map<string, Promise<Answer>>();
  private readonly claims: Coalescer<ClaimRequest, ClaimVerdict>;
  private readonly repeats: Coalescer<ClaimRequest, Granted | null>;
  private readonly known: Coalescer<ClaimId, KnownClaim | null>;
  private readonly jobs: Coalescer<JobId, FoundJob | null>;

  constructor(
    repository: ClaimRepository,
    queue: QueueRepository,
    @Inject(TIMING_SETTINGS) { leaseMs }: TimingSettings,
    private readonly dispatcher: Dispatcher,
    private readonly registry: InstanceRegistry,
    private readonly secrets: JobSecrets,
    private readonly bus: EventBus,
    private readonly metrics: DispatchMetrics,
    private readonly deaf: DeafWatch,
    private readonly pauses: PauseBook,
  ) {
    this.claims = new Coalescer((requests) => repository.claim(requests, leaseMs));
    this.repeats = new Coalescer(async (requests) => {
      const granted = new Map((await repository.repeat(requests, leaseMs)).map((row) => [row.claimId, row]));
      return requests.map(({ claimId }) => granted.get(claimId) ?? null);
    });
    this.known = new Coalescer(async (ids) => {
      const rows = new Map((await repository.known(ids)).map((row) => [row.claimId, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
    this.jobs = new Coalescer(async (ids) => {
      const rows = new Map((await queue.find(ids)).map((row) => [row.jobId, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
  }

  async claim(instance: ConnectedInstance, { claims }: Claim): Promise<Claimed> {
    return { results: await Promise.all(claims.map((claim) => this.answer(instance, claim))) };
  }

  private async answer(instance: ConnectedInstance, claim: SingleClaim): Promise<ClaimResult> {
    const { claimId } = claim;
    // a claim repeated while the first is on its way waits for the same answer
    const key = `${instance.identity.instanceId}/${claimId}/${claim.jobId}`;
    const pending = this.pending.get(key) ?? this.decide(instance, claim).finally(() => this.pending.delete(key));
    this.pending.set(key, pending);
    this.deaf.claims(instance);
    const answer = await pending;
    if (!answer.ok) {
      this.metrics.claimAnswered(answer.code === 'E_ALREADY_CLAIMED' ? 'lost' : 'refused');
      if (answer.code === 'E_ALREADY_CLAIMED') {
        this.bus.publish('claims.lost', { organizationId: instance.organizationId, jobId: claim.jobId, count: 1 });
      }
      return { ...answer, claimId };
    }
    const { granted } = answer;
    const { jobId, attempt, claimToken, startedStep } = granted;
    const spec = parseSpecJson(granted.spec);
    this.adopt(instance, granted, slotsOf(spec));
    const secrets = this.secrets.open(granted);
    if (secrets !== null) return { ok: true, claimId, job: { jobId, attempt, claimToken, spec, secrets, startedStep } };
    await this.secrets.end(granted, instance);
    return { ...SEALED, claimId };
  }

  private decide(instance: ConnectedInstance, claim: SingleClaim): Promise<Answer> {
    const taken = this.dispatcher.takenBy(claim.jobId);
    if (taken?.organizationId === instance.organizationId) {
      return taken.claimId === claim.claimId ? this.repeat(instance, claim) : Promise.resolve(ALREADY_CLAIMED);
    }
    const waiting = this.dispatcher.find(claim.jobId);
    return waiting ? this.tryFor(instance, claim, waiting) : this.lookUp(instance, claim);
  }

  /** Not in memory: never offered by this server, or claimed long ago by this very claim. */
  private async lookUp(instance: ConnectedInstance, claim: SingleClaim): Promise<Answer> {
    const [job, known] = await Promise.all([this.jobs.add(claim.jobId), this.known.add(claim.claimId)]);
    if (!job || job.organizationId !== instance.organizationId) return NOT_FOUND;
    if (known) return this.repeatKnown(instance, claim, known);
    if (job.state !== 'queued') return ALREADY_CLAIMED;
    const { priority, rank } = job;
    return this.tryFor(instance, claim, { lane: this.dispatcher.openLane(job.lane), priority, rank });
  }

  private tryFor(instance: ConnectedInstance, claim: SingleClaim, job: Claimable): Promise<Answer> {
    const objection = objectionTo(instance, job.lane) ?? this.heldBack(instance, job.lane);
    if (objection) return Promise.resolve(objection);
    return this.take(instance, claim, job);
  }

  /** Last, so that a pause is never named to somebody whom it is not the reason for. */
  private heldBack(instance: ConnectedInstance, { fingerprint }: LaneQueue): Refusal | null {
    if (this.pauses.isEmpty) return null;
    const { runnerId, organizationId } = instance.identity;
    const pause = this.pauses.holdsRunner(runnerId) ?? this.pauses.holdsLane(organizationId, fingerprint);
    return pause && refused('E_PAUSED', `Held back by a pause of the ${pause.target.type}: ${pause.note}`);
  }

  private async take(instance: ConnectedInstance, claim: SingleClaim, job: Claimable): Promise<Answer> {
    const { jobId, claimId } = claim;
    const { weight } = job.lane;
    this.dispatcher.take(jobId, claimId, instance, weight);
    let verdict: ClaimVerdict;
    try {
      const { asked: offers = 0, rounds = 0 } = job;
      verdict = await this.claims.add({ ...requestOf(instance, claim), offers, rounds });
    } catch (error) {
      // executed or not, nobody knows: the sweep finds the job if it still waits, the runner repeats its claim
      this.dispatcher.notClaimed(jobId, null);
      this.dispatcher.giveBack(instance, weight);
      throw error;
    }
    if (verdict.verdict === 'granted') return this.won(instance, verdict, weight);
    this.dispatcher.giveBack(instance, weight);
    if (verdict.verdict === 'not_allowed') return this.notAllowed(instance, claim, job);
    const isLocked = verdict.state === 'queued';
    this.dispatcher.notClaimed(jobId, isLocked ? job : null);
    // it may be locked by an earlier try of this very claim, whose answer got lost and which is yet to be committed
    return isLocked ? refusedForNow('E_UNAVAILABLE', 'The job is being decided about right now.') : ALREADY_CLAIMED;
  }

  private won(instance: ConnectedInstance, granted: Granted, slots: number): Answer {
    const { jobId, claimId, attempt, organizationId } = granted;
    instance.hold(jobId, slots, attempt);
    this.dispatcher.claimed(jobId, claimId, organizationId);
    this.metrics.claimAnswered('won');
    this.metrics.dispatched(granted.waitedMs);
    this.bus.publish('job.dispatched', { organizationId, waitedMs: granted.waitedMs });
    this.bus.publish('job.changed', { organizationId, jobId, state: 'claimed', reason: null });
    return { ok: true, granted };
  }

  private async repeat(instance: ConnectedInstance, claim: SingleClaim): Promise<Answer> {
    const granted = await this.repeats.add(requestOf(instance, claim));
    if (!granted) return refused('E_FENCED', 'The attempt of this claim is over.');
    this.metrics.claimAnswered('repeated');
    return { ok: true, granted };
  }

  private repeatKnown(instance: ConnectedInstance, claim: SingleClaim, known: KnownClaim): Promise<Answer> {
    const same = known.jobId === claim.jobId && known.instanceId === instance.identity.instanceId;
    if (!same) return Promise.resolve(refused('E_CONFLICT', 'This claimId was used for another claim.'));
    return this.repeat(instance, claim);
  }

  private async notAllowed(instance: ConnectedInstance, claim: SingleClaim, job: Claimable): Promise<Answer> {
    try {
      const known = await this.known.add(claim.claimId);
      if (known) return await this.repeatKnown(instance, claim, known);
      // somebody else has asked it to drain, or disabled it: offers would only come back until a renewal says so too
      instance.draining = true;
      return refused('E_DRAINING', 'This instance may not claim jobs now: it drains, or its session is over.');
    } finally {
      this.dispatcher.refresh(instance);
      this.dispatcher.notClaimed(claim.jobId, job);
    }
  }

  /** A repeated claim may be the first that this session hears of its attempt. */
  private adopt(instance: ConnectedInstance, { jobId, attempt }: Granted, slots: number): void {
    // a claim can be answered after its session: nobody would ever release what is noted then
    if (instance.current.has(jobId) || !this.registry.isLive(instance)) return;
    instance.usedSlots += slots;
    instance.hold(jobId, slots, attempt);
    this.dispatcher.refresh(instance);
  }
}

/**
 * None of these is retryable: a claim that is repeated means "I may have been granted this", and a job that stays free
 * is offered again anyway.
 */
function objectionTo(instance: ConnectedInstance, lane: LaneQueue): Refusal | null {
  const fit = fits(instance, lane.requirements);
  if (!fit.eligible) return fit.reason === 'other_organization' ? NOT_FOUND : refused('E_FORBIDDEN', fit.detail);
  if (instance.runnerDisabled) return refused('E_FORBIDDEN', 'The runner is disabled.');
  if (instance.draining) return refused('E_DRAINING', 'This instance drains and takes no more jobs.');
  if (instance.freeSlots < lane.weight) return refused('E_CONFLICT', 'Not enough slots of this instance are free.');
  return null;
}

function requestOf(instance: ConnectedInstance, { jobId, claimId }: SingleClaim): ClaimRequest {
  const { instanceId, sessionId } = instance.identity;
  return { jobId, claimId, claimToken: claimToken(), instanceId, sessionId };
}
