import { Injectable, Logger } from '@nestjs/common';
import type { Reply } from '@dibs/shared';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { isUnexpected, refusalOf } from './error-replies.js';
import { RunnerRequests } from './runner-requests.js';
import type { RunnerSocket } from './runner-socket.js';
import { endSocket } from './socket-link.js';

type Acknowledge = (reply: Reply) => void;

const NO_ACKNOWLEDGEMENT = refused('E_VALIDATION', 'Every request needs an acknowledgement callback.');
const FLOOD = refused('E_RATE_LIMITED', 'Far too many requests.');
const SLOW_DOWN = refusedForNow('E_RATE_LIMITED', 'Too many requests at once.', 100);
const ONE_MESSAGE = refused('E_VALIDATION', 'A request has one message and an acknowledgement callback.');
const UNKNOWN_EVENT = refused('E_VALIDATION', 'The protocol has no such event.');

/**
 * Gives every request exactly one answer, through its acknowledgement and never as an `exception` event: that is what
 * Nest makes of an error in a gateway, and it repeats the request with everything secret in it.
 */
@Injectable()
export class RequestAnswerer {
  private readonly logger = new Logger(RequestAnswerer.name);

  constructor(private readonly requests: RunnerRequests) {}

  /** @param args as they arrived: the message, then the acknowledgement callback */
  receive(socket: RunnerSocket, event: string, args: readonly unknown[]): void {
    const acknowledge = args.at(-1);
    // without a callback no answer is possible, so the connection ends instead
    if (typeof acknowledge !== 'function') return endSocket(socket, NO_ACKNOWLEDGEMENT);
    const reply = acknowledge as Acknowledge;
    const { guard } = socket.data;
    switch (guard.admit()) {
      case 'close':
        return endSocket(socket, FLOOD);
      case 'refused':
        return reply(SLOW_DOWN);
      case 'admitted':
        void this.answer(socket, event, args.slice(0, -1)).then((answer) => {
          guard.answered();
          reply(answer);
        });
    }
  }

  private async answer(socket: RunnerSocket, event: string, messages: readonly unknown[]): Promise<Reply> {
    const handler = this.requests.handlerOf(event);
    if (!handler) return UNKNOWN_EVENT;
    if (messages.length !== 1) return ONE_MESSAGE;
    try {
      return await handler(socket, messages[0]);
    } catch (error) {
      // never the message itself: it holds claim tokens
      if (isUnexpected(error)) this.logger.error({ err: error, event }, 'a request of a runner failed');
      return refusalOf(error);
    }
  }
}
