import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Hello, InstanceId, JobsGranted, LinkLimits, RunnerId, Reply, Welcome } from '@dibs/shared';
import { ConnectedInstance, type InstanceLink } from '../dispatch/connected-instance.js';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { JobSecrets } from '../dispatch/job-secrets.js';
import { toGrants } from '../dispatch/ready-grant.js';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { Sweeper } from '../dispatch/sweeper.js';
import { EventBus } from '../events/event-bus.js';
import { Coalescer } from '../platform/coalescer.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { SERVER_VERSION } from '../platform/version.js';
import { Admission } from './admission.js';
import { inMessages } from './grant-messages.js';
import { HelloService, type OpenedSession } from './hello.service.js';
import { SessionRepository, type ClosedSession, type ClosingSession, type SessionEnd } from './session.repository.js';
import type { Visitor } from './visitor.js';

/** Encoded size of one event that a runner may send. */
export const MAX_EVENT_BYTES = 256 * 1024;
const LIMITS: LinkLimits = {
  maxEventBytes: MAX_EVENT_BYTES,
  maxBatchLines: 500,
  logCounts: true,
  logRedraws: true,
  engineResults: true,
  sourceLooks: true,
};
/** A thousand runners come back at once: some are served, some wait, the rest are told when to come again. */
const HELLOS = { maxRunning: 8, maxWaiting: 256 } as const;
/** A queue that takes longer to read is not worth keeping a runner idle for. */
const JOIN_AT_MOST_MS = 1_000;
const BUSY_RETRY_MS = { least: 250, most: 2_000 } as const;

const GONE_UNANSWERED: SessionEnd = {
  reason: 'the connection was closed before it was answered',
  closeCode: null,
  planned: false,
};

export interface Connection {
  readonly visitor: Visitor;
  readonly link: InstanceLink;
  /** false once the socket is closed. */
  isOpen(): boolean;
}

/** Sessions of runner instances: opened by a hello, closed with the socket or for silence. */
@Injectable()
export class SessionService {
  private readonly logger = new Logger(SessionService.name);
  private readonly admission = new Admission(HELLOS);
  private readonly closings: Coalescer<ClosingSession, undefined>;

  constructor(
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    private readonly hellos: HelloService,
    private readonly repository: SessionRepository,
    private readonly registry: InstanceRegistry,
    private readonly sweeper: Sweeper,
    private readonly secrets: JobSecrets,
    private readonly bus: EventBus,
  ) {
    this.closings = new Coalescer(async (sessions) => {
      this.tellClosed(await repository.close(sessions));
      return sessions.map(() => undefined);
    });
  }

  /** @param onOpen given the session before anybody can be told of it */
  async hello(
    connection: Connection,
    hello: Hello,
    onOpen: (instance: ConnectedInstance) => void,
  ): Promise<Reply<Welcome>> {
    const opened = await this.admission.run(() => this.hellos.open(connection.visitor, hello));
    if (opened === null) return refusedForNow('E_UNAVAILABLE', 'Too many runners connect at once.', busyRetryMs());
    if (!opened.ok) return opened;
    const instance = newInstance(connection, hello, opened);
    if (!connection.isOpen()) {
      await this.close(instance, GONE_UNANSWERED);
      return refused('E_UNAVAILABLE', 'The connection is closed.');
    }
    onOpen(instance);
    this.register(instance, opened);
    const granted = this.openedGrants(instance, opened);
    return { ok: true, ...this.welcome(instance, opened, granted) };
  }

  isLive(instance: ConnectedInstance): boolean {
    return this.registry.get(instance.identity.instanceId) === instance;
  }

  async close(instance: ConnectedInstance, end: SessionEnd | Promise<SessionEnd>): Promise<void> {
    const { instanceId, sessionId } = instance.identity;
    this.registry.disconnect(instance);
    this.bus.publish('session.closed', { sessionId, instanceId });
    try {
      await this.closings.add({ instanceId, sessionId, ...(await end) });
    } catch (error) {
      // it falls silent in the database and is closed for that
      this.logger.warn({ err: error, instanceId }, 'a closed session could not be recorded');
    }
  }

  /** Records sessions that were not heard of for too long as closed, whoever held them. */
  async closeSilent(): Promise<void> {
    const { offlineAfterMs } = this.timing;
    const reason = `nothing was heard of it for ${Math.round(offlineAfterMs / 1_000)} s`;
    const closed = await this.repository.closeSilent(offlineAfterMs, reason);
    this.tellClosed(closed);
    for (const { instanceId, sessionId } of closed) {
      const instance = this.registry.get(instanceId);
      if (instance?.identity.sessionId !== sessionId) continue;
      instance.link.end(refusedForNow('E_UNAVAILABLE', `Disconnected, because ${reason}.`));
    }
  }

  private register(instance: ConnectedInstance, opened: OpenedSession): void {
    const { instanceId, sessionId, organizationId, runnerId } = instance.identity;
    const older = this.registry.connect(instance, opened.current);
    older?.link.end(refused('E_DUPLICATE_INSTANCE', 'This instance has connected anew.'));
    this.bus.publish('session.opened', { sessionId, instanceId });
    this.bus.publish('runner.changed', { organizationId, runnerId });
    this.join(instance);
  }

  /**
   * Jobs may have waited for an instance like this one in lanes that nobody here looked at. The first is chosen when all
   * of them are read, or else the lane whose answer comes back first would go before better ones.
   */
  private join(instance: ConnectedInstance): void {
    const joined = (): void => {
      clearTimeout(timer);
      this.registry.joined(instance);
    };
    const timer = setTimeout(joined, JOIN_AT_MOST_MS);
    timer.unref();
    void this.sweeper.readQueue().then(joined);
  }

  private welcome(instance: ConnectedInstance, { standings }: OpenedSession, granted: JobsGranted['jobs']): Welcome {
    const { sessionId, runnerId, runnerName, instanceId } = instance.identity;
    const { leaseMs, renewEveryMs, trustMs, logPeriodWatchedMs, logPeriodIdleMs } = this.timing;
    return {
      sessionId,
      runnerId,
      runnerName,
      instanceId,
      serverVersion: SERVER_VERSION,
      timing: { leaseMs, renewEveryMs, trustMs, logPeriodWatchedMs, logPeriodIdleMs },
      limits: LIMITS,
      attempts: standings,
      granted,
    };
  }

  /** What fits into one message beside the rest of the welcome; the other grants follow it. */
  private openedGrants(instance: ConnectedInstance, { granted }: OpenedSession): JobsGranted['jobs'] {
    const [first = [], ...others] = inMessages(this.secrets.openAll(granted, instance));
    // the answer of the hello is sent within this tick
    if (others.length > 0) setImmediate(() => instance.link.grant(others.flat()));
    return toGrants(first).jobs;
  }

  private tellClosed(closed: readonly ClosedSession[]): void {
    const runners = new Map<RunnerId, ClosedSession>(closed.map((session) => [session.runnerId, session]));
    for (const { organizationId, runnerId } of runners.values()) {
      this.bus.publish('runner.changed', { organizationId, runnerId });
    }
  }
}

function newInstance({ visitor, link }: Connection, hello: Hello, opened: OpenedSession): ConnectedInstance {
  const { organizationId, runnerId, runnerName, instanceName } = visitor;
  const { slots, standing, tools, labels } = hello;
  const { sessionId, drainRequested } = opened;
  const instanceId: InstanceId = opened.instanceId;
  const who = { organizationId, runnerId, runnerName, instanceId, instanceName, sessionId };
  const offers = { slots, standing, tools: new Map(tools.map((tool) => [tool.name, tool.version])), labels };
  const instance = new ConnectedInstance({ ...who, ...offers }, link, hello.draining || drainRequested, opened.runner);
  instance.joining = true;
  return instance;
}

/** Spread, so that those who were turned away do not come back together. */
function busyRetryMs(): number {
  return Math.round(BUSY_RETRY_MS.least + Math.random() * (BUSY_RETRY_MS.most - BUSY_RETRY_MS.least));
}
