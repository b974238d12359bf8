import type {
  CancelOrder,
  InstanceId,
  JobId,
  Offer,
  OrganizationId,
  Refusal,
  RunnerId,
  SessionId,
  SourceLook,
} from '@dibs/shared';
import type { Assignments, InstanceFacts } from '../domain/dispatch/eligibility.js';
import type { Load } from '../domain/dispatch/offer-round.js';
import type { LaneQueue, WaitingJob } from './lane-queue.js';
import type { ReadyGrant } from './ready-grant.js';

/** What dispatch can tell a runner. Each is a hint that may be lost. The gateway implements it over the socket. */
export interface InstanceLink {
  offer(offers: readonly Offer[]): void;
  grant(jobs: readonly ReadyGrant[]): void;
  withdraw(jobIds: readonly JobId[]): void;
  cancel(order: CancelOrder): void;
  watched(jobId: JobId, watched: boolean): void;
  drain(): void;
  /** Asks which commit a source is now. @returns what came back, unchecked; rejects when nothing does in time */
  look(question: SourceLook, timeoutMs: number): Promise<unknown>;
  /** Whether the other end answers right now. */
  isAlive(): Promise<boolean>;
  /** Says why and closes the connection. */
  end(refusal: Refusal): void;
}

/** What the runner record says about whom to use for what; editing it changes live sessions. */
export interface RunnerStanding {
  /** As the record is called now, which may have been renamed since the instance connected. */
  readonly name?: string;
  readonly priority: number;
  readonly assignments: Assignments;
}

const FOR_EVERYTHING: RunnerStanding = {
  priority: 0,
  assignments: { everything: true, stackIds: new Set(), namespaceIds: new Set(), moduleIds: new Set() },
};

/** Who is connected, as the hello and the runner record told. */
export interface InstanceIdentity {
  readonly organizationId: OrganizationId;
  readonly runnerId: RunnerId;
  readonly runnerName: string;
  readonly instanceId: InstanceId;
  readonly instanceName: string;
  readonly sessionId: SessionId;
  readonly slots: number;
  /** Every free slot is a claim made ahead of time: jobs are granted to it without an offer. */
  readonly standing: boolean;
  /** Name to version; null: its version is unknown. */
  readonly tools: ReadonlyMap<string, string | null>;
  readonly labels: Readonly<Record<string, string>>;
}

/** An attempt that is the instance's by the server's count. */
export interface Holding {
  /** null: only that the job is its own is known. */
  readonly attempt: number | null;
  slots: number;
  /** When this server learned of it (monotonic, ms). */
  readonly since: number;
  /** Renewals in a row, begun after `since`, that did not name it: the grant may have been lost. */
  unnamed: number;
}

/**
 * One live session of an instance on this server, with the server's own count of its slots: a slot is in use by an
 * attempt that is current or by a claim or grant on its way to the database (`usedSlots`), and spoken for by an open
 * offer (`offeredSlots`).
 */
export class ConnectedInstance implements InstanceFacts, Load {
  readonly online = true;
  runnerDisabled = false;
  /** Why an operator holds its runner back; null: nobody does. */
  paused: string | null = null;
  draining: boolean;
  /** It said that it takes nothing for now, although it has slots (its disk is short). */
  stopped = false;
  /** The lanes it fits are being read: until then nobody knows which of their jobs goes first. */
  joining = false;
  /** How many sources it looks at at the same time for the server; 0: it does not know how. */
  looksAtOnce = 0;
  /** Offers in a row that ran out without an answer. */
  unanswered = 0;
  /** Why it is thought to be deaf, in words; null: it answers. */
  deafness: string | null = null;
  /** Jobs whose current attempt is this instance's. */
  readonly current = new Map<JobId, Holding>();
  /** Jobs that the last renewal showed as its own although nobody had noted them, and when. */
  unnoted: ReadonlyMap<JobId, number> = new Map();
  usedSlots = 0;
  offeredSlots = 0;
  readonly offered = new Set<WaitingJob>();
  /** Lanes it fits, and how much each of them prefers it. */
  readonly lanes = new Map<LaneQueue, number>();
  /** The slots that its lanes were told of. */
  toldSlots = 0;
  readonly outbox: { readonly offers: Offer[]; readonly withdrawn: JobId[] } = { offers: [], withdrawn: [] };

  constructor(
    readonly identity: InstanceIdentity,
    readonly link: InstanceLink,
    draining: boolean,
    /** As the runner record says; whoever changes it has the lanes matched again. */
    public standing: RunnerStanding = FOR_EVERYTHING,
  ) {
    this.draining = draining;
  }

  get organizationId(): OrganizationId {
    return this.identity.organizationId;
  }
  get runnerName(): string {
    return this.standing.name ?? this.identity.runnerName;
  }
  get instanceName(): string {
    return this.identity.instanceName;
  }
  /** Prefers the fast box: higher goes first among instances that fit equally well. */
  get runnerPriority(): number {
    return this.standing.priority;
  }
  get assignments(): Assignments {
    return this.standing.assignments;
  }
  get slots(): number {
    return this.identity.slots;
  }
  get tools(): ReadonlyMap<string, string | null> {
    return this.identity.tools;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.identity.labels;
  }

  standsAs({ name, priority, assignments }: RunnerStanding): boolean {
    const mine = this.assignments;
    return (
      (name === undefined || name === this.runnerName) &&
      priority === this.runnerPriority &&
      assignments.everything === mine.everything &&
      sameIds(assignments.stackIds, mine.stackIds) &&
      sameIds(assignments.namespaceIds, mine.namespaceIds) &&
      sameIds(assignments.moduleIds, mine.moduleIds)
    );
  }

  /** It is connected, but nobody is at home. */
  get unresponsive(): boolean {
    return this.deafness !== null;
  }

  get freeSlots(): number {
    return this.identity.slots - this.usedSlots;
  }

  /** Free slots that nothing is offered for; 0 while nothing may be given to it. */
  get unspokenSlots(): number {
    if (this.draining || this.stopped || this.joining || this.runnerDisabled || this.paused !== null) return 0;
    return Math.max(0, this.freeSlots - this.offeredSlots);
  }

  get load(): number {
    return (this.usedSlots + this.offeredSlots) / this.identity.slots;
  }

  /** Notes an attempt whose slots are counted already. */
  hold(jobId: JobId, slots: number, attempt: number | null = null, since = performance.now()): void {
    // a renewal may have shown the attempt, and counted it, before the answer of its own statement was read
    this.usedSlots -= this.current.get(jobId)?.slots ?? 0;
    this.current.set(jobId, { attempt, slots, since, unnamed: 0 });
  }
}

function sameIds(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}
