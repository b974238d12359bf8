import { Inject, Logger } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { LiveTopic, Permission, Refusal, Reply } from '@dibs/shared';
import { LIVE_NAMESPACE } from '@dibs/shared';
import type { Namespace } from 'socket.io';
import { TicketService } from '../auth/ticket.service.js';
import { LogWatchers } from '../logs/log-watchers.js';
import { LogsService } from '../logs/logs.service.js';
import { AppError } from '../platform/errors.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { answerUnknownEvents } from './answer-unknown-events.js';
import { LiveAudience } from './live-audience.js';
import { readLiveTopic } from './live-topic.js';
import { LiveViewer, type LiveSocket } from './live-viewer.js';

const MAX_TICKET_LENGTH = 4096;
const MAX_TOPICS = 100;
const PERMISSIONS: Readonly<Record<LiveTopic['topic'], Permission>> = {
  jobs: 'jobs:read',
  job: 'jobs:read',
  runners: 'runners:read',
  pauses: 'runners:read',
  runs: 'modules:read',
};

/** The live link of dashboards (protocol: shared/src/protocol/live-link.ts). Every request gets one reply. */
@WebSocketGateway({ namespace: LIVE_NAMESPACE })
export class LiveGateway
  implements OnGatewayInit<Namespace>, OnGatewayConnection<LiveSocket>, OnGatewayDisconnect<LiveSocket>
{
  private readonly logger = new Logger(LiveGateway.name);

  constructor(
    private readonly tickets: TicketService,
    private readonly audience: LiveAudience,
    private readonly watchers: LogWatchers,
    private readonly logs: LogsService,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  /** Before anything is joined or any message is taken. */
  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => next(this.admit(socket as unknown as LiveSocket) ?? undefined));
  }

  handleConnection(socket: LiveSocket): void {
    answerUnknownEvents(socket, ['live:watch', 'live:unwatch']);
    if (socket.data.viewer) this.audience.add(socket.data.viewer);
  }

  handleDisconnect(socket: LiveSocket): void {
    const { viewer } = socket.data;
    if (!viewer) return;
    this.audience.remove(viewer);
    viewer.unwatchAll();
  }

  @SubscribeMessage('live:watch')
  watch(@ConnectedSocket() socket: LiveSocket, @MessageBody() message: unknown): Promise<Reply> {
    return this.reply(socket, message, async (viewer, topic) => {
      const refusal = await this.refusalOf(viewer, topic);
      if (refusal) return refusal;
      // the socket may have gone while the database was asked: nobody would end the watching
      if (socket.connected) viewer.watch(topic, topic.topic === 'job' ? this.watchers.watch(topic.jobId) : noRelease);
      return { ok: true };
    });
  }

  @SubscribeMessage('live:unwatch')
  unwatch(@ConnectedSocket() socket: LiveSocket, @MessageBody() message: unknown): Promise<Reply> {
    return this.reply(socket, message, (viewer, topic) => {
      viewer.unwatch(topic);
      return Promise.resolve({ ok: true });
    });
  }

  private admit(socket: LiveSocket): Error | null {
    const { ticket } = socket.handshake.auth as { readonly ticket?: unknown };
    const isPlausible = typeof ticket === 'string' && ticket.length <= MAX_TICKET_LENGTH;
    const caller = isPlausible ? this.tickets.redeem(ticket) : null;
    if (caller === null) return handshakeError(UNAUTHENTICATED);
    socket.data.viewer = new LiveViewer(caller, Date.now(), socket, this.timing.offlineAfterMs);
    return null;
  }

  private async refusalOf(viewer: LiveViewer, topic: LiveTopic): Promise<Refusal | null> {
    const { caller } = viewer;
    if (!caller.permissions.includes(PERMISSIONS[topic.topic])) {
      return refusal('E_FORBIDDEN', `The role ${caller.role} does not include ${PERMISSIONS[topic.topic]}.`);
    }
    if (viewer.topicCount >= MAX_TOPICS && !viewer.watches(topic)) {
      return refusal('E_RATE_LIMITED', `A connection watches at most ${MAX_TOPICS} topics.`);
    }
    if (topic.topic === 'job' && !(await this.logs.exists(caller, topic.jobId))) {
      return refusal('E_NOT_FOUND', 'There is no such job.');
    }
    return null;
  }

  private async reply(
    { data: { viewer } }: LiveSocket,
    message: unknown,
    handle: (viewer: LiveViewer, topic: LiveTopic) => Promise<Reply>,
  ): Promise<Reply> {
    const topic = readLiveTopic(message);
    if (topic === null) return refusal('E_VALIDATION', UNKNOWN_TOPIC);
    if (!viewer) return UNAUTHENTICATED;
    try {
      return await handle(viewer, topic);
    } catch (error) {
      const isAway = error instanceof AppError && error.status === 503;
      if (!isAway) this.logger.error({ err: error }, 'a live request failed');
      return { ...refusal(isAway ? 'E_UNAVAILABLE' : 'E_INTERNAL', 'Try again in a moment.'), retryable: true };
    }
  }
}

const UNKNOWN_TOPIC = 'The topic must be jobs, runners, pauses, runs, or job with a jobId.';

const noRelease = (): void => undefined;

const UNAUTHENTICATED = refusal('E_UNAUTHENTICATED', 'The ticket is not valid; get a new one for every connection.');

function refusal(code: Refusal['code'], message: string): Refusal {
  return { ok: false, code, message, retryable: false };
}

/** What the client's `connect_error` carries in `data`. */
function handshakeError(data: Refusal): Error {
  return Object.assign(new Error(data.code), { data });
}
