import { Injectable, Logger } from '@nestjs/common';
import type { LogBatch, Reply, ResultReply, RunnerToServerEvents } from '@dibs/shared';
import {
  ClaimMessage,
  HelloMessage,
  JobsFinishedMessage,
  RenewMessage,
  SourceOfferMessage,
  StepFinishedMessage,
  StepStartedMessage,
  readMessage,
} from '@dibs/shared/messages';
import { ClaimService } from '../dispatch/claim.service.js';
import type { ConnectedInstance } from '../dispatch/connected-instance.js';
import { LeaseService } from '../dispatch/lease.service.js';
import { ProgressService } from '../dispatch/progress.service.js';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { LogIngestService } from '../logs/log-ingest.service.js';
import type { Settled } from '../platform/isolating.js';
import { isUnexpected, refusalOf } from './error-replies.js';
import { MAX_EVENT_BYTES, SessionService } from './session.service.js';
import { SocketLink } from './socket-link.js';
import type { RunnerSocket } from './runner-socket.js';

type Answer = Reply | Promise<Reply>;
type Handler = (socket: RunnerSocket, message: unknown) => Answer;

const SAY_HELLO_FIRST = refusedForNow('E_UNAUTHENTICATED', 'Say runner:hello first, and wait for its answer.');
/** Closed for silence by another server, or taken over there: the next hello finds out, and jobs must not wait for it. */
const SESSION_OVER = refusedForNow('E_UNAVAILABLE', 'This session is over; connect again.');
const REPLACED = refused('E_DUPLICATE_INSTANCE', 'This instance has another connection now.');
/** Around each line of a batch: its tuple without the text. */
const LINE_OVERHEAD_BYTES = 24;

/** Every request of the runner link: which class reads it, and which service answers it. */
@Injectable()
export class RunnerRequests {
  private readonly logger = new Logger(RunnerRequests.name);
  private readonly handlers: Readonly<Record<keyof RunnerToServerEvents, Handler>>;

  constructor(
    private readonly sessions: SessionService,
    claims: ClaimService,
    leases: LeaseService,
    progress: ProgressService,
    logs: LogIngestService,
  ) {
    this.handlers = {
      'runner:hello': reading(HelloMessage, (socket, hello) => this.hello(socket, hello)),
      'runner:renew': this.inSession(RenewMessage, async (instance, renew) => {
        const renewed = await leases.renew(instance, renew);
        if (renewed === null) instance.link.end(SESSION_OVER);
        return renewed === null ? SESSION_OVER : { ok: true, ...renewed };
      }),
      'job:claim': this.inSession(ClaimMessage, async (instance, claim) => ({
        ok: true,
        ...(await claims.claim(instance, claim)),
      })),
      'step:started': this.inSession(StepStartedMessage, (instance, step) => progress.stepStarted(instance, step)),
      'step:finished': this.inSession(StepFinishedMessage, (instance, step) => progress.stepFinished(instance, step)),
      'job:finished': this.inSession(JobsFinishedMessage, async (instance, { results }) => ({
        ok: true,
        results: (await progress.finished(instance, results)).map((written) => this.replyOf(written)),
      })),
      'source:offer': this.inSession(SourceOfferMessage, (instance, { atOnce }) => {
        instance.looksAtOnce = atOnce;
        return { ok: true };
      }),
      // its lines are checked by hand where they are stored: a class for each of them would cost more than the rest
      'job:log': (socket, batch) =>
        this.withSession(socket, (instance) => {
          if (isTooLarge(batch)) return refused('E_TOO_LARGE', `One event has at most ${MAX_EVENT_BYTES} bytes.`);
          const { organizationId, instanceId } = instance.identity;
          const message = batch as LogBatch;
          const append = (): Promise<Reply> => logs.append(message, { organizationId, instanceId });
          return progress.besideLog(instance, message?.jobId, append);
        }),
    };
  }

  /** @returns undefined for an event that the protocol does not have */
  handlerOf(event: string): Handler | undefined {
    return Object.hasOwn(this.handlers, event) ? this.handlers[event as keyof RunnerToServerEvents] : undefined;
  }

  private async hello(socket: RunnerSocket, hello: HelloMessage): Promise<Reply> {
    const { data } = socket;
    if (data.instance !== null) return refused('E_CONFLICT', 'This connection has said hello before.');
    if (data.helloPending) return refused('E_CONFLICT', 'The hello of this connection is being answered.');
    data.helloPending = true;
    try {
      const connection = {
        visitor: data.visitor,
        link: new SocketLink(socket, data.probeMs),
        isOpen: () => socket.connected,
      };
      return await this.sessions.hello(connection, hello, (instance) => {
        data.instance = instance;
        data.guard.allowFor(instance.identity.slots);
      });
    } finally {
      data.helloPending = false;
    }
  }

  /** One result that cannot be written must not keep the others of its message from being answered. */
  private replyOf(written: Settled<ResultReply>): ResultReply {
    if (written.ok) return written.value;
    if (isUnexpected(written.error)) this.logger.error({ err: written.error }, 'a result could not be written');
    return refusalOf(written.error);
  }

  private inSession<Message extends object>(
    messageClass: new () => Message,
    handle: (instance: ConnectedInstance, message: Message) => Answer,
  ): Handler {
    const read = reading(messageClass, (socket, message) =>
      this.withSession(socket, (instance) => handle(instance, message)),
    );
    // a stranger does not even learn what a valid message would be
    return (socket, message) => (socket.data.instance === null ? SAY_HELLO_FIRST : read(socket, message));
  }

  private withSession(socket: RunnerSocket, handle: (instance: ConnectedInstance) => Answer): Answer {
    const { instance } = socket.data;
    if (instance === null) return SAY_HELLO_FIRST;
    return this.sessions.isLive(instance) ? handle(instance) : REPLACED;
  }
}

function reading<Message extends object>(
  messageClass: new () => Message,
  handle: (socket: RunnerSocket, message: Message) => Answer,
): Handler {
  return (socket, value) => {
    const read = readMessage(messageClass, value);
    return read.ok ? handle(socket, read.message) : refused('E_VALIDATION', read.problem);
  };
}

/** Lines are the only part of any message that can be large. */
function isTooLarge(batch: unknown): boolean {
  const { lines } = (batch ?? {}) as { readonly lines?: unknown };
  if (!Array.isArray(lines)) return false;
  let bytes = 0;
  for (const line of lines as readonly unknown[]) {
    const text = Array.isArray(line) ? (line[3] as unknown) : null;
    bytes += LINE_OVERHEAD_BYTES + (typeof text === 'string' ? Buffer.byteLength(text) : 0);
    if (bytes > MAX_EVENT_BYTES) return true;
  }
  return false;
}
