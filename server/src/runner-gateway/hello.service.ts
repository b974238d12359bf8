import { Inject, Injectable } from '@nestjs/common';
import type { AttemptStanding, CancelMode, Hello, InstanceId, JobId, Refusal, SessionId } from '@dibs/shared';
import { Database, type Queryable } from '../database/database.js';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { decideTakeover, type SocketHealth } from '../domain/runners/session-takeover.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { uuidv7 } from '../platform/uuid.js';
import { SessionRepository, type CurrentAttempt, type KnownInstance } from './session.repository.js';
import type { Visitor } from './visitor.js';

/** Everything the transaction of a hello decided. */
export interface OpenedSession {
  readonly ok: true;
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
  readonly drainRequested: boolean;
  /** Jobs that use a slot: held ones, and those whose claim may yet be repeated. */
  readonly current: readonly JobId[];
  readonly standings: readonly AttemptStanding[];
}

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
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  async open(visitor: Visitor, hello: Hello): Promise<OpenedSession | Refusal> {
    // before the transaction: a probe waits for the network, and locks must not
    const probe = await this.probe(visitor);
    try {
      return await this.database.transaction((tx) => this.openIn(tx, visitor, hello, probe));
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

  private async openIn(tx: Queryable, visitor: Visitor, hello: Hello, probe: Probe): Promise<OpenedSession> {
    const runner = await this.sessions.readRunner(tx, visitor);
    if (runner === null || runner.disabled) throw new HelloRefused(refused('E_FORBIDDEN', 'This runner is disabled.'));
    const known = await this.sessions.lock(tx, visitor, hello, uuidv7());
    this.refuseTakeover(known, visitor, probe);
    if (!runner.allowMultipleInstances) await this.refuseSecond(tx, visitor, known.instanceId);
    const { instanceId } = known;
    const sessionId = uuidv7() as SessionId;
    const { drainRequested } = await this.sessions.open(tx, instanceId, sessionId, visitor.bootId, hello);
    const settled = await this.settle(tx, instanceId, hello, known.bootId !== visitor.bootId);
    return { ok: true, instanceId, sessionId, drainRequested, ...settled };
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
   * Attempts the runner holds go on. Those it does not hold keep their leases when the process is a new one: the older
   * process may be cut off, and works on until it does not trust its leases any more. The same process may yet repeat
   * a claim whose answer it never got: such an attempt is given the time of two renewals instead of a whole lease.
   */
  private async settle(
    tx: Queryable,
    instanceId: InstanceId,
    { held }: Hello,
    isNewProcess: boolean,
  ): Promise<{ standings: AttemptStanding[]; current: JobId[] }> {
    const attempts = new Map((await this.sessions.lockAttempts(tx, instanceId)).map((each) => [each.jobId, each]));
    const resumedIds = new Set(held.filter((each) => isSame(each, attempts.get(each.jobId))).map(({ jobId }) => jobId));
    const resumed = [...attempts.values()].filter(({ jobId }) => resumedIds.has(jobId));
    const cancels = await this.sessions.resume(tx, instanceId, idsOf(resumed), this.timing.leaseMs);
    const standings = held.map((each) => standingOf(each, attempts.get(each.jobId), cancels));
    if (isNewProcess) return { standings, current: idsOf(resumed) };
    const unheld = [...attempts.values()].filter(({ jobId }) => !resumedIds.has(jobId));
    await this.sessions.shortenLeases(tx, instanceId, idsOf(unheld), 2 * this.timing.renewEveryMs);
    return { standings, current: [...attempts.keys()] };
  }
}

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
