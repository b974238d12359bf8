import {
  RUNNER_NAMESPACE,
  type Refusal,
  type RunnerHandshake,
  type RunnerToServerEvents,
  type ServerToRunnerEvents,
} from '@dibs/shared';
import { io, type Socket } from 'socket.io-client';
import { RefusedError } from './link-errors.js';

export type RunnerSocket = Socket<ServerToRunnerEvents, RunnerToServerEvents>;
export type RunnerEvent = keyof RunnerToServerEvents;
export type MessageOf<Event extends RunnerEvent> = Parameters<RunnerToServerEvents[Event]>[0];
export type ReplyOf<Event extends RunnerEvent> = Parameters<Parameters<RunnerToServerEvents[Event]>[1]>[0];

/** One connection, used once. Reconnecting is the link's business: socket.io would come back with the same token. */
export function createSocket(serverUrl: string, handshake: RunnerHandshake, timeoutMs: number): RunnerSocket {
  return io(serverUrl + RUNNER_NAMESPACE, {
    auth: { ...handshake },
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    timeout: timeoutMs,
  });
}

/**
 * Connects and waits until the server let the handshake through.
 * @throws RefusedError when it did not, any other error when it could not be reached in time
 */
export async function connectSocket(socket: RunnerSocket, timeoutMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // the upgrade has socket.io's own timeout; this one also covers a server that never answers the handshake
    const timer = setTimeout(() => reject(new Error(`no answer to the handshake in ${timeoutMs} ms`)), timeoutMs);
    const onAbort = (): void => reject(new Error('stopping'));
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    socket.once('connect', () => settle(resolve));
    socket.once('connect_error', (error) => settle(() => reject(toConnectError(error))));
    socket.once('disconnect', (reason) => settle(() => reject(new Error(`closed during the handshake: ${reason}`))));
    socket.connect();
  });
}

/** `data` is what the server's middleware attached; a transport error has the interesting part in `description`. */
function toConnectError(error: Error & { data?: unknown; description?: unknown }): Error {
  const refusal = error.data as Partial<Refusal> | undefined;
  if (refusal && typeof refusal.code === 'string') {
    const { code, message = error.message, retryable = true, retryAfterMs } = refusal;
    return new RefusedError({ code, message, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }
  const inner = error.description as { message?: string } | undefined;
  return new Error(inner?.message ? `${error.message}: ${inner.message}` : error.message, { cause: error });
}

/** socket.io's word for why a connection ended, with the close code of the websocket where there is one. */
export function describeDisconnect(reason: string, details: unknown): { reason: string; closeCode?: number } {
  const context = (details as { context?: { code?: unknown } } | undefined)?.context;
  return typeof context?.code === 'number' ? { reason, closeCode: context.code } : { reason };
}
