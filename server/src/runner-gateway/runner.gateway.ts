import { Inject, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayInit } from '@nestjs/websockets';
import type { Namespace } from 'socket.io';
import { RUNNER_NAMESPACE, type Refusal, type RunnerId } from '@dibs/shared';
import { refusedForNow } from '../dispatch/refusals.js';
import { EventBus } from '../events/event-bus.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { describeClose, saysGoodbye } from './close-reasons.js';
import { isUnexpected, refusalOf } from './error-replies.js';
import { FloodGuard } from './flood-guard.js';
import { HandshakeService } from './handshake.service.js';
import { RequestAnswerer } from './request-answerer.js';
import { watchCloseCode, type RunnerSocket, type SocketData } from './runner-socket.js';
import { SessionService } from './session.service.js';
import { endSocket } from './socket-link.js';
import { StandingWatch } from './standing-watch.js';

const STOPPING = refusedForNow('E_UNAVAILABLE', 'The server is stopping; your jobs go on.', 500);

/**
 * The runner link's sockets. Whoever is connected here is authenticated: that happens before the connection exists,
 * so no message can come before it. Messages are taken by one listener instead of Nest's decorators, whose errors
 * never reach the acknowledgement.
 */
@WebSocketGateway({ namespace: RUNNER_NAMESPACE })
export class RunnerGateway implements OnGatewayInit<Namespace>, OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RunnerGateway.name);
  private readonly sockets = new Map<RunnerSocket, StandingWatch>();
  private readonly closings = new Set<Promise<void>>();
  private unsubscribe: () => void = () => undefined;
  private stopping = false;

  constructor(
    private readonly handshakes: HandshakeService,
    private readonly answerer: RequestAnswerer,
    private readonly sessions: SessionService,
    private readonly bus: EventBus,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  onModuleInit(): void {
    this.unsubscribe = this.bus.on('runner.revoked', ({ runnerId }) => this.recheck(runnerId));
  }

  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => void this.authenticate(socket as RunnerSocket, next));
    namespace.on('connection', (socket) => this.connected(socket as RunnerSocket));
  }

  /** Leases go on and nothing is requeued: the runners find this server again, or another one. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    this.unsubscribe();
    for (const socket of this.sockets.keys()) endSocket(socket, STOPPING);
    await Promise.all(this.closings);
  }

  private async authenticate(socket: RunnerSocket, next: (error?: Error) => void): Promise<void> {
    try {
      const handshake = await this.handshakes.check(socket.handshake.auth);
      if (!handshake.ok) return next(connectError(handshake));
      socket.data = {
        visitor: handshake.visitor,
        instance: null,
        helloPending: false,
        guard: new FloodGuard(),
        probeMs: Math.min(2_000, Math.ceil(this.timing.pingTimeoutMs / 5)),
        endedBecause: null,
      } satisfies SocketData;
      next();
    } catch (error) {
      if (isUnexpected(error)) this.logger.error({ err: error }, 'a handshake failed');
      next(connectError(refusalOf(error)));
    }
  }

  private connected(socket: RunnerSocket): void {
    const closeCode = watchCloseCode(socket);
    const { visitor } = socket.data;
    const stillStands = (): Promise<boolean> => this.handshakes.stillStands(visitor);
    const end = (refusal: Refusal): void => endSocket(socket, refusal);
    this.sockets.set(
      socket,
      new StandingWatch(visitor.token.expiresAt, stillStands, end, this.timing.principalRecheckMs),
    );
    socket.onAny((event: string, ...args: unknown[]) => this.answerer.receive(socket, event, args));
    socket.on('disconnect', (reason) => this.disconnected(socket, reason, closeCode));
    if (this.stopping) end(STOPPING);
  }

  private disconnected(socket: RunnerSocket, reason: string, closeCode: () => Promise<number | null>): void {
    this.sockets.get(socket)?.stop();
    this.sockets.delete(socket);
    const { instance } = socket.data;
    if (instance === null) return;
    const closing = this.sessions.close(instance, this.endOf(socket, reason, closeCode));
    this.closings.add(closing);
    void closing.finally(() => this.closings.delete(closing));
  }

  private async endOf({ data: { endedBecause } }: RunnerSocket, reason: string, codeOf: () => Promise<number | null>) {
    const planned = this.stopping || saysGoodbye(reason);
    const closeCode = await codeOf();
    const why = endedBecause === null ? describeClose(reason, closeCode) : withoutPeriod(endedBecause);
    return { reason: why, closeCode, planned };
  }

  private recheck(runnerId: RunnerId): void {
    for (const [socket, watch] of this.sockets) {
      const { visitor } = socket.data;
      if (visitor.runnerId !== runnerId) continue;
      this.handshakes.forget(visitor);
      void watch.check();
    }
  }
}

/** socket.io hands `data` to the client's `connect_error`. */
function connectError(refusal: Refusal): Error {
  return Object.assign(new Error(refusal.message), { data: refusal });
}

function withoutPeriod(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
