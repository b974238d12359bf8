import type { CancelOrder, InstanceId, JobId, Offer, OrganizationId, Refusal, RunnerId, SessionId } from '@dibs/shared';
import type { Assignments, InstanceFacts } from '../domain/dispatch/eligibility.js';
import type { Load } from '../domain/dispatch/offer-round.js';
import type { LaneQueue, WaitingJob } from './lane-queue.js';

/** What dispatch can tell a runner. Each is a hint that may be lost. The gateway implements it over the socket. */
export interface InstanceLink {
  offer(offers: readonly Offer[]): void;
  withdraw(jobIds: readonly JobId[]): void;
  cancel(order: CancelOrder): void;
  watched(jobId: JobId, watched: boolean): void;
  drain(): void;
  /** Whether the other end answers right now. */
  isAlive(): Promise<boolean>;
  /** Says why and closes the connection. */
  end(refusal: Refusal): void;
}

/** What the runner record says about whom to use for what; editing it changes live sessions. */
export interface RunnerStanding {
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
  /** Name to version; null: its version is unknown. */
  readonly tools: ReadonlyMap<string, string | null>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Offers in a row without an answer after which an instance is shown as unresponsive. */
const UNRESPONSIVE_AFTER = 3;

/**
 * One live session of an instance on this server, with the server's own count of its slots: a slot is in use by an
 * attempt that is current (`current`) or by a claim on its way to the database (`claiming`), and spoken for by an
 * open offer (`offered`).
 */
export class ConnectedInstance implements InstanceFacts, Load {
  readonly online = true;
  runnerDisabled = false;
  /** As the runner record says; whoever changes it has the lanes matched again. */
  assignments: Assignments;
  /** Prefers the fast box: higher goes first among instances that fit equally well. */
  runnerPriority: number;
  readonly paused: string | null = null;
  draining: boolean;
  unanswered = 0;
  /** Jobs whose current attempt is this instance's, and when this server learned it (monotonic, ms). */
  readonly current = new Map<JobId, number>();
  readonly claiming = new Set<JobId>();
  readonly offered = new Set<WaitingJob>();
  /** Lanes it fits. */
  readonly lanes = new Set<LaneQueue>();
  readonly outbox: { readonly offers: Offer[]; readonly withdrawn: JobId[] } = { offers: [], withdrawn: [] };

  constructor(
    readonly identity: InstanceIdentity,
    readonly link: InstanceLink,
    draining: boolean,
    standing: RunnerStanding = FOR_EVERYTHING,
  ) {
    this.draining = draining;
    this.assignments = standing.assignments;
    this.runnerPriority = standing.priority;
  }

  get organizationId(): OrganizationId {
    return this.identity.organizationId;
  }
  get runnerName(): string {
    return this.identity.runnerName;
  }
  get instanceName(): string {
    return this.identity.instanceName;
  }
  get slots(): number {
    return this.identity.slots;
  }
  /** Several offers in a row ran out: it is connected, but nobody is at home. */
  get unresponsive(): boolean {
    return this.unanswered >= UNRESPONSIVE_AFTER;
  }
  get tools(): ReadonlyMap<string, string | null> {
    return this.identity.tools;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.identity.labels;
  }

  get freeSlots(): number {
    return this.identity.slots - this.current.size - this.claiming.size;
  }

  /** Free slots that nothing is offered for. */
  get unspokenSlots(): number {
    return this.draining || this.runnerDisabled ? 0 : this.freeSlots - this.offered.size;
  }

  get load(): number {
    return 1 - (this.freeSlots - this.offered.size) / this.identity.slots;
  }
}
