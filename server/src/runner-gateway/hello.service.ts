import { Inject, Injectable } from '@nestjs/common';
import type { AttemptStanding, CancelMode, Hello, InstanceId, JobId, Refusal, SessionId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import type { RunnerStanding } from '../dispatch/connected-instance.js';
import { InstanceRegistry, type CurrentJob } from '../dispatch/instance-registry.js';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { RegrantRepository, type StoredGrant } from '../dispatch/regrant.repository.js';
import { decideTakeover, type SocketHealth } from '../domain/runners/session-takeover.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { uuidv7 } from '../platform/uuid.js';
import { AssignmentRepository } from '../runners/assignment.repository.js';
import { SessionRepository, type CurrentAttempt, type KnownInstance } from './session.repository.js';
import type { Visitor } from './visitor.js';

/** Everything the transaction of a hello decided. */
export interface OpenedSession {
  readonly ok: true;
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
  readonly drainRequested: boolean;
  /** Jobs that use slots: held ones, and those granted again. */
  readonly current: readonly CurrentJob[];
  readonly standings: readonly AttemptStanding[];
  /** Attempts of this same process that it does not know of. */
  readonly granted: readonly StoredGrant[];
  readonly runner: RunnerStanding;
}

const DISABLED = refused('E_FORBIDDEN', 'This runner is disabled.');

/** Thrown inside the transaction, so that a refused hello leaves nothing behind. */
class HelloRefused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

/** Of a session that may still be alive: what a probe of its socket has shown, if it is here. */
interface Probe {
  readonly sessionId: SessionId | null;
  readonly health: SocketHealth;
}

/**
 * Makes a socket the one live session of its instance, and settles with it which attempts go on. One transaction:
 * whoever else says hello under the same name waits, and then finds this session.
 */
@Injectable()
export class HelloService {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
    private readonly registry: InstanceRegistry,
    private readonly regrants: RegrantRepository,
    private readonly assignments: AssignmentRepository,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  async open(visitor: Visitor, hello: Hello): Promise<OpenedSession | Refusal> {
    // before the transaction: a probe waits for the network, and locks must not
    const probe = await this.probe(visitor);
    try {
      const opened = await this.database.transaction((tx) => this.openIn(tx, visitor, hello, probe));
      // after it: an edit of the record from now on finds the session, or is read here
      const runner = (await this.assignments.standings([visitor.runnerId])).get(visitor.runnerId);
      return runner ? { ...opened, runner } : DISABLED;
    } catch (error) {
      if (error instanceof HelloRefused) return error.refusal;
      throw error;
    }
  }

  private async probe(visitor: Visitor): Promise<Probe> {
    const known = await this.sessions.find(visitor);
    if (!known?.sessionId || known.bootId === visitor.bootId) return { sessionId: null, health: 'elsewhere' };
    const here = this.registry.get(known.instanceId);
    if (here?.identity.sessionId !== known.sessionId) return { sessionId: known.sessionId, health: 'elsewhere' };
    return { sessionId: known.sessionId, health: (await here.link.isAlive()) ? 'alive' : 'dead' };
  }

  private async openIn(
    tx: Queryable,
    visitor: Visitor,
    hello: Hello,
    probe: Probe,
  ): Promise<Omit<OpenedSession, 'runner'>> {
    const runner = await this.sessions.readRunner(tx, visitor);
    if (runner === null || runner.disabled) throw new HelloRefused(DISABLED);
    const known = await this.sessions.lock(tx, visitor, hello, uuidv7());
    this.refuseTakeover(known, visitor, probe);
    if (!runner.allowMultipleInstances) await this.refuseSecond(tx, visitor, known.instanceId);
    const { instanceId } = known;
    const sessionId = uuidv7() as SessionId;
    const { drainRequested } = await this.sessions.open(tx, instanceId, sessionId, visitor.bootId, hello);
    const session = { instanceId, sessionId };
    const settled = await this.settle(tx, session, hello);
    return { ok: true, ...session, drainRequested, ...settled };
  }

  private refuseTakeover(known: KnownInstance, { bootId, instanceName }: Visitor, probe: Probe): void {
    const health = probe.sessionId === known.sessionId ? probe.health : 'elsewhere';
    const takeover = decideTakeover(known, bootId, health, this.timing.offlineAfterMs);
    if (takeover.kind === 'accept') return;
    const message = `Another process is connected as instance ${instanceName}. Give each process a name of its own.`;
    throw new HelloRefused(refusedForNow('E_DUPLICATE_INSTANCE', message, takeover.retryAfterMs));
  }

  private async refuseSecond(tx: Queryable, { runnerId }: Visitor, instanceId: InstanceId): Promise<void> {
    const { offlineAfterMs } = this.timing;
    const other = await this.sessions.otherOnline(tx, runnerId, instanceId, offlineAfterMs);
    if (other === null) return;
    const message = `This runner allows one instance at a time, and ${other} is online.`;
    throw new HelloRefused(refusedForNow('E_DUPLICATE_INSTANCE', message, offlineAfterMs));
  }

  /**
   * Attempts the runner holds go on. Of those it does not hold, the ones of an earlier process keep their leases: it may
   * be cut off, and works on until it does not trust its leases any more. Of its own this process never got to know,
   * because the grant or the answer of its claim was lost with the connection: it is given them again.
   */
  private async settle(
    tx: Queryable,
    session: Session,
    { held }: Hello,
  ): Promise<Pick<OpenedSession, 'standings' | 'current' | 'granted'>> {
    const { instanceId } = session;
    const { leaseMs } = this.timing;
    const attempts = new Map((await this.sessions.lockAttempts(tx, instanceId)).map((each) => [each.jobId, each]));
    const resumedIds = new Set(held.filter((each) => isSame(each, attempts.get(each.jobId))).map(({ jobId }) => jobId));
    const resumed = [...attempts.values()].filter(({ jobId }) => resumedIds.has(jobId));
    const cancels = await this.sessions.resume(tx, instanceId, idsOf(resumed), leaseMs);
    const standings = held.map((each) => standingOf(each, attempts.get(each.jobId), cancels));
    const unheld = [...attempts.values()].filter((each) => each.ofThisProcess && !resumedIds.has(each.jobId));
    const granted = await this.regrants.regrant(session, idsOf(unheld), leaseMs, tx);
    return { standings, current: [...resumed, ...unheld], granted };
  }
}

type Session = Pick<OpenedSession, 'instanceId' | 'sessionId'>;

function standingOf(
  held: Hello['held'][number],
  current: CurrentAttempt | undefined,
  cancels: ReadonlyMap<JobId, CancelMode | null>,
): AttemptStanding {
  const { jobId, attempt } = held;
  if (!isSame(held, current)) return { jobId, attempt, standing: 'fenced' };
  const mode = cancels.get(jobId) ?? null;
  const cancel = mode === null ? null : { jobId, attempt, mode };
  return { jobId, attempt, standing: 'current', ackedSeq: current.lastSeq, cancel };
}

function isSame(held: Hello['held'][number], current: CurrentAttempt | undefined): current is CurrentAttempt {
  return held.attempt === current?.attempt && held.claimToken === current.claimToken;
}

function idsOf(attempts: readonly CurrentAttempt[]): JobId[] {
  return attempts.map(({ jobId }) => jobId);
}
