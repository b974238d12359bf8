import type { DefaultEventsMap, Socket } from 'socket.io';
import { RUNNER_NAMESPACE, type RunnerToServerEvents, type ServerToRunnerEvents } from '@dibs/shared';
import type { ConnectedInstance } from '../dispatch/connected-instance.js';
import type { FloodGuard } from './flood-guard.js';
import type { Visitor } from './visitor.js';

/** What the server keeps with each socket of the runner link. */
export interface SocketData {
  readonly visitor: Visitor;
  /** null: hello was not answered with ok yet. */
  instance: ConnectedInstance | null;
  /** A hello is being answered. */
  helloPending: boolean;
  readonly guard: FloodGuard;
  /** How long a ping may take that decides whether the other end is alive. */
  readonly probeMs: number;
  /** Why the server closes it; null: the other side did, or the network. */
  endedBecause: string | null;
}

export type RunnerSocket = Socket<RunnerToServerEvents, ServerToRunnerEvents, DefaultEventsMap, SocketData>;

/**
 * `emit` for a message that is JSON already. The packet is written by hand, because socket.io would only take the parsed
 * message (https://socket.io/docs/v4/socket-io-protocol/#exchange-protocol: 2 is an event).
 */
export function emitJson(socket: RunnerSocket, event: keyof ServerToRunnerEvents, message: string): void {
  if (socket.connected) socket.conn.write(`2${RUNNER_NAMESPACE},["${event}",${message}]`);
}

/** The part of `ws` that engine.io hides: its close code, and pings that every websocket client answers by itself. */
interface RawWebSocket {
  readonly readyState: number;
  ping(): void;
  terminate(): void;
  once(event: 'pong', listener: () => void): void;
  off(event: 'pong', listener: () => void): void;
  prependOnceListener(event: 'close', listener: (code: number) => void): void;
  prependOnceListener(event: 'error', listener: (error: { readonly code?: string }) => void): void;
}

function rawWebSocket(socket: RunnerSocket): RawWebSocket | null {
  const { socket: raw } = socket.conn.transport as unknown as { readonly socket?: Partial<RawWebSocket> };
  return typeof raw?.ping === 'function' ? (raw as RawWebSocket) : null;
}

/** Sends a ping frame and waits for its answer. Unlike a message it needs nothing of the runner's program. */
export function answersPing(socket: RunnerSocket, withinMs: number): Promise<boolean> {
  const raw = rawWebSocket(socket);
  if (!socket.connected || raw === null) return Promise.resolve(socket.connected);
  return new Promise((resolve) => {
    const settle = (alive: boolean): void => {
      clearTimeout(timer);
      raw.off('pong', onPong);
      resolve(alive);
    };
    const onPong = (): void => settle(true);
    const timer = setTimeout(() => settle(false), withinMs);
    raw.once('pong', onPong);
    try {
      raw.ping();
    } catch {
      // not open any more
      settle(false);
    }
  });
}

const TOO_LARGE = 1009;
/** Of `readyState`. */
const CLOSING = 2;

/** @returns to be asked when socket.io tells that the socket is closed; null: there was no code */
export function watchCloseCode(socket: RunnerSocket): () => Promise<number | null> {
  const raw = rawWebSocket(socket);
  let code: number | null = null;
  let hasFailed = false;
  const closed = new Promise<void>((resolve) => {
    raw?.prependOnceListener('close', (received) => {
      code ??= received;
      resolve();
    });
  });
  // engine.io gives up at the error, before the close frame with the code is sent
  raw?.prependOnceListener('error', (error) => {
    hasFailed = true;
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') code = TOO_LARGE;
  });
  return async () => {
    // it gives up, too, when it writes after the other end's close frame, whose code is told with the end: that is due now
    if (code === null && !hasFailed && raw?.readyState === CLOSING) {
      raw.terminate();
      await closed;
    }
    return code;
  };
}
