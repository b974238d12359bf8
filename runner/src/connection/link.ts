import type { Hello, Refusal, ServerToRunnerEvents, Welcome } from '@dibs/shared';
import { PROTOCOL_VERSION } from '@dibs/shared';
import type { Logger } from 'pino';
import { reconnectBackoffMs } from './backoff.js';
import { NoAnswerError, RefusedError } from './link-errors.js';
import type { Identity } from './registration.js';
import {
  connectSocket,
  createSocket,
  describeDisconnect,
  type MessageOf,
  type ReplyOf,
  type RunnerEvent,
  type RunnerSocket,
} from './runner-socket.js';
import type { TokenSource } from './token-source.js';
import { waitMs } from './wait.js';

/** What the rest of the runner hears from the link. Nothing of it may throw. */
export type LinkListener = {
  readonly [Event in Exclude<keyof ServerToRunnerEvents, 'session:ended'>]: ServerToRunnerEvents[Event];
} & {
  /** @param sentAtMs monotonic, from before the hello was sent: leases that it renewed count from there */
  readonly welcomed: (welcome: Welcome, sentAtMs: number) => void;
  readonly down: () => void;
};

export interface LinkOptions {
  readonly serverUrl: string;
  readonly instance: string;
  /** Made anew by every process. */
  readonly bootId: string;
  readonly tokens: TokenSource;
  readonly identity: Identity;
  /** Asked at every connection. */
  readonly hello: () => Hello;
  readonly listener: LinkListener;
  readonly timeScale: number;
  readonly log: Logger;
  readonly random?: () => number;
}

interface SessionEnd {
  readonly reason: string;
  readonly closeCode?: number;
  readonly refusal?: RefusedError['refusal'];
  readonly upForMs: number;
}

/**
 * The one connection to the server, kept up for as long as the process lives.
 *
 * opening → a token is fetched and the handshake made; greeting → `runner:hello` is on its way; up → welcomed,
 * requests flow; waiting → cut or turned away, the next try is timed. stop() leads out of every state.
 *
 * Only in `up` is anything emitted: socket.io would keep emits of a disconnected socket without bound and send them
 * in one burst. What was asked and not answered when the link goes down fails with NoAnswerError.
 */
export class Link {
  private readonly stopping = new AbortController();
  private socket: RunnerSocket | null = null;
  private up = false;
  private sessionEnded: ((end: Omit<SessionEnd, 'upForMs'>) => void) | null = null;
  private readonly unanswered = new Set<(error: Error) => void>();
  private waiters: (() => void)[] = [];
  private readonly random: () => number;
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly options: LinkOptions) {
    this.random = options.random ?? Math.random;
  }

  get isUp(): boolean {
    return this.up;
  }

  start(): void {
    this.loop = this.keepConnected();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.closeSession({ reason: 'stopping' });
    await this.loop;
  }

  /** Closes the connection and opens another: it is open but deaf, or both sides must compare what they know. */
  async reset(reason: string): Promise<void> {
    if (!this.up) return this.untilUp(this.stopping.signal);
    this.closeSession({ reason });
    await this.untilUp(this.stopping.signal);
  }

  /**
   * @throws NoAnswerError when the link is down or goes down, or no reply comes in time: the outcome is unknown and
   * the request must be repeated unchanged
   */
  async request<Event extends RunnerEvent>(
    event: Event,
    message: MessageOf<Event>,
    timeoutMs: number,
  ): Promise<ReplyOf<Event>> {
    if (!this.up) throw new NoAnswerError(`${event}: not connected`);
    return this.emit(event, message, timeoutMs);
  }

  /** Resolves when requests can be made, or when the signal comes. */
  async untilUp(signal: AbortSignal): Promise<void> {
    while (!this.up && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.waiters.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  private async keepConnected(): Promise<void> {
    /** null: the last connection was a good one. */
    let outSinceMs: number | null = null;
    while (!this.stopping.signal.aborted) {
      const end = await this.session();
      if (this.stopping.signal.aborted) return;
      if (end.upForMs >= STABLE_AFTER_MS * this.options.timeScale) outSinceMs = null;
      const isFirstTry = outSinceMs === null;
      outSinceMs ??= performance.now();
      const inMs = Math.round(this.untilNextTryMs(end, performance.now() - outSinceMs, isFirstTry));
      const { reason, closeCode, refusal } = end;
      const level = refusal && !refusal.retryable ? 'error' : 'warn';
      const fields = { reason, closeCode, code: refusal?.code, upForMs: Math.round(end.upForMs), retryInMs: inMs };
      this.options.log[level](fields, end.upForMs > 0 ? 'disconnected' : 'could not connect');
      await waitMs(inMs, this.stopping.signal);
    }
  }

  private untilNextTryMs({ refusal }: SessionEnd, outageMs: number, isFirstTry: boolean): number {
    const { timeScale } = this.options;
    // tokens of a fleet expire at different times by themselves: no need to spread these
    if (refusal?.code === 'E_TOKEN_EXPIRED' && isFirstTry) return 0;
    const limits = refusal && !refusal.retryable ? OPERATOR_NEEDED : RECONNECT;
    const scaled = { firstMs: limits.firstMs * timeScale, capMs: limits.capMs * timeScale };
    const atLeastMs = refusal?.retryAfterMs ?? limits.atLeastMs * timeScale;
    return reconnectBackoffMs(outageMs, this.random(), scaled, atLeastMs);
  }

  /** From fetching the token to the end of the connection, however it ends. Never throws. */
  private async session(): Promise<SessionEnd> {
    try {
      const token = await this.fetchToken();
      const ended = new Promise<Omit<SessionEnd, 'upForMs'>>((resolve) => (this.sessionEnded = resolve));
      if (this.stopping.signal.aborted) throw new Error('stopping');
      const socket = this.createSocket(token);
      await connectSocket(socket, this.timeoutMs(OPEN_TIMEOUT_MS), this.stopping.signal);
      const greeting = this.greet();
      greeting.catch(() => undefined); // when the connection ends first, nobody else looks at it
      const endedEarly = await Promise.race([greeting, ended]);
      if (endedEarly) return { ...endedEarly, upForMs: 0 };
      const upSinceMs = performance.now();
      return { ...(await ended), upForMs: performance.now() - upSinceMs };
    } catch (error) {
      const refusal = error instanceof RefusedError ? error.refusal : undefined;
      if (refusal && TOKEN_REFUSALS.has(refusal.code)) this.options.tokens.forget();
      return { reason: describeError(error as Error), ...(refusal && { refusal }), upForMs: 0 };
    } finally {
      this.closeSession({ reason: 'over' });
    }
  }

  private async fetchToken(): Promise<string> {
    try {
      return await this.options.tokens.get();
    } catch (error) {
      const invalidClient = error instanceof RefusedError && error.refusal.code === 'E_UNAUTHENTICATED';
      if (!invalidClient || !(await this.options.identity.refused())) throw error;
      this.options.log.warn('the stored credentials are refused: registering again');
      return this.options.tokens.get();
    }
  }

  private createSocket(token: string): RunnerSocket {
    const { serverUrl, instance, bootId, listener } = this.options;
    const handshake = { token, protocolVersion: PROTOCOL_VERSION, instance, bootId };
    const socket = createSocket(serverUrl, handshake, this.timeoutMs(OPEN_TIMEOUT_MS));
    this.socket = socket;
    socket.on('job:granted', listener['job:granted']);
    socket.on('job:offer', listener['job:offer']);
    socket.on('job:withdraw', listener['job:withdraw']);
    socket.on('job:cancel', listener['job:cancel']);
    socket.on('job:watched', listener['job:watched']);
    socket.on('runner:drain', listener['runner:drain']);
    socket.on('source:look', listener['source:look']);
    socket.on('session:ended', (refusal) => this.endedByServer(refusal));
    socket.on('disconnect', (reason, details) => this.closeSession(describeDisconnect(reason, details)));
    return socket;
  }

  private async greet(): Promise<void> {
    const hello = this.options.hello();
    const sentAtMs = performance.now();
    const reply = await this.emit('runner:hello', hello, this.timeoutMs(OPEN_TIMEOUT_MS), (welcome) =>
      this.welcomed(welcome, sentAtMs),
    );
    if (!reply.ok) throw new RefusedError(reply);
  }

  private welcomed(welcome: Welcome, sentAtMs: number): void {
    this.up = true;
    const { runnerName: runner, sessionId, serverVersion } = welcome;
    this.options.log.info({ runner, instance: this.options.instance, sessionId, serverVersion }, 'connected');
    this.options.listener.welcomed(welcome, sentAtMs);
    for (const wake of this.waiters.splice(0)) wake();
  }

  /**
   * @param onSuccess called before anything that came behind the reply is heard: a grant can lie in the same read of the
   * socket, and then no promise settles between the two
   */
  private emit<Event extends RunnerEvent>(
    event: Event,
    message: MessageOf<Event>,
    timeoutMs: number,
    onSuccess?: (reply: Extract<ReplyOf<Event>, { ok: true }>) => void,
  ): Promise<ReplyOf<Event>> {
    const socket = this.socket;
    if (!socket?.connected) return Promise.reject(new NoAnswerError(`${event}: not connected`));
    return new Promise((resolve, reject) => {
      this.unanswered.add(reject);
      const onReply = (error: Error | null, reply: ReplyOf<Event>): void => {
        if (!this.unanswered.delete(reject)) return;
        if (error) return reject(new NoAnswerError(`${event}: no reply in ${timeoutMs} ms`));
        if (!reply.ok && TOKEN_REFUSALS.has(reply.code)) {
          this.endedByServer(reply);
          return reject(new NoAnswerError(`${event}: ${reply.code}`));
        }
        if (reply.ok) onSuccess?.(reply as Extract<ReplyOf<Event>, { ok: true }>);
        resolve(reply);
      };
      // one generic call cannot be typed against socket.io's overloads; the parameters above are checked
      (socket.timeout(timeoutMs) as unknown as LooseEmitter).emit(event, message, onReply);
    });
  }

  private endedByServer(refusal: Refusal): void {
    if (TOKEN_REFUSALS.has(refusal.code)) this.options.tokens.forget();
    this.closeSession({ reason: refusal.message, refusal });
  }

  /** Down at once and for everybody: nobody may take the connection for up while the loop is still on its way here. */
  private closeSession(end: Omit<SessionEnd, 'upForMs'>): void {
    const wasUp = this.up;
    this.up = false;
    this.sessionEnded?.(end);
    this.sessionEnded = null;
    this.socket?.removeAllListeners().disconnect();
    this.socket = null;
    for (const reject of this.unanswered) reject(new NoAnswerError('the connection ended'));
    this.unanswered.clear();
    if (wasUp) this.options.listener.down();
  }

  /** Tests shorten time, but a loaded machine still needs a moment to answer. */
  private timeoutMs(ms: number): number {
    return Math.max(2000, ms * this.options.timeScale);
  }
}

/** fetch() says only that it failed; what failed is in the cause. */
function describeError(error: Error): string {
  const cause = error.cause as { message?: string; code?: string } | undefined;
  const inner = cause?.message || cause?.code;
  return inner && !error.message.includes(inner) ? `${error.message}: ${inner}` : error.message;
}

interface LooseEmitter {
  emit(event: string, ...args: unknown[]): void;
}

const TOKEN_REFUSALS: ReadonlySet<string> = new Set(['E_TOKEN_EXPIRED', 'E_UNAUTHENTICATED']);
const OPEN_TIMEOUT_MS = 10_000;
/** A connection that lived this long counts as a success for the backoff. */
const STABLE_AFTER_MS = 10_000;
const RECONNECT = { firstMs: 2000, capMs: 30_000, atLeastMs: 0 };
/** Wrong credentials, a disabled runner, another protocol version: only a person can help, so ask now and then. */
const OPERATOR_NEEDED = { firstMs: 30_000, capMs: 30_000, atLeastMs: 15_000 };
