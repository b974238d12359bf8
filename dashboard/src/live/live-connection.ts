import type { LiveTicket, LiveToServerEvents, LiveTopic, Reply, ServerToLiveEvents } from '@dibs/shared';
import { LIVE_NAMESPACE } from '@dibs/shared';
import { io, type Socket } from 'socket.io-client';
import { reconnectDelayMs } from './reconnect-delay';
import { TopicCounts, topicKey } from './topic-counts';

type LiveSocket = Socket<ServerToLiveEvents, LiveToServerEvents>;

/**
 * connecting: the first connection of this page · live: connected and every topic acknowledged ·
 * reconnecting: lost, the next try is on its way · stopped: nobody is signed in.
 */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'stopped';

export interface LiveSnapshot {
  readonly state: LiveState;
  /** Counts the times the link became live, or one more topic did; what was read before the current one may be stale. */
  readonly generation: number;
  /** Origin of the server's sockets; null until the first ticket. */
  readonly serverUrl: string | null;
}

const ACK_TIMEOUT_MS = 5_000;
const HINTS = [
  'jobs:changed',
  'job:changed',
  'job:log-grew',
  'runners:changed',
  'pauses:changed',
  'runs:changed',
] as const;
type Hint = (typeof HINTS)[number];

/**
 * The page's one socket. Every connection begins with a fresh ticket, because a ticket lives only for a minute;
 * that is why socket.io's own reconnection, which repeats the same handshake, is off.
 *
 * stopped → connecting → live → reconnecting → live … ; `stop` leads back to stopped from everywhere. A topic that
 * cannot be watched closes the socket, so `live` always means: every watched topic brings hints.
 */
export class LiveConnection {
  private snapshot: LiveSnapshot = { state: 'stopped', generation: 0, serverUrl: null };
  private readonly listeners = new Set<() => void>();
  private readonly hintListeners = new Map<Hint, Set<(message: never) => void>>();
  private readonly topics = new TopicCounts();
  private socket: LiveSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  /** Grows with every start and stop: what an older connection still says is ignored. */
  private epoch = 0;

  constructor(private readonly fetchTicket: () => Promise<LiveTicket>) {}

  readonly getSnapshot = (): LiveSnapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  start(): void {
    if (this.snapshot.state !== 'stopped') return;
    this.failures = 0;
    this.update({ state: 'connecting' });
    void this.connect();
  }

  stop(): void {
    this.dropSocket();
    this.update({ state: 'stopped' });
  }

  /** The browser is online or visible again: do not sit out the rest of the waiting time. */
  retryNow(): void {
    if (this.snapshot.state !== 'reconnecting' || this.socket) return;
    void this.connect();
  }

  /** @returns a function that ends the watch */
  watch(topic: LiveTopic): () => void {
    if (this.topics.add(topic) && this.snapshot.state === 'live') void this.watchAnother(topic);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (this.topics.remove(topic) && this.socket?.connected) this.socket.emit('live:unwatch', topic, () => {});
    };
  }

  /** @returns a function that ends the subscription */
  onHint<Name extends Hint>(name: Name, listener: ServerToLiveEvents[Name]): () => void {
    const set = this.hintListeners.get(name) ?? new Set();
    this.hintListeners.set(name, set);
    set.add(listener);
    return () => void set.delete(listener);
  }

  private async connect(): Promise<void> {
    this.dropSocket();
    const epoch = this.epoch;
    let ticket: LiveTicket;
    try {
      ticket = await this.fetchTicket();
    } catch {
      if (epoch === this.epoch) this.reconnectLater();
      return;
    }
    if (epoch !== this.epoch) return;
    this.update({ serverUrl: ticket.url });
    this.openSocket(ticket);
  }

  private openSocket({ ticket, url }: LiveTicket): void {
    const socket: LiveSocket = io(url.replace(/\/$/, '') + LIVE_NAMESPACE, {
      transports: ['websocket'],
      auth: { ticket },
      reconnection: false,
      forceNew: true,
      timeout: 10_000,
    });
    this.socket = socket;
    socket.on('connect', () => void this.watchAll(socket));
    socket.on('disconnect', () => this.lost(socket));
    socket.on('connect_error', () => this.lost(socket));
    for (const name of HINTS) {
      socket.on(name, (message?: unknown) => {
        for (const listener of this.hintListeners.get(name) ?? []) listener(message as never);
      });
    }
  }

  private async watchAll(socket: LiveSocket): Promise<void> {
    const topics = this.topics.all();
    const accepted = await Promise.all(topics.map((topic) => this.sendWatch(topic)));
    if (socket !== this.socket || !socket.connected || accepted.includes(false)) return;
    this.failures = 0;
    this.update({ state: 'live', generation: this.snapshot.generation + 1 });
    const acknowledged = new Set(topics.map(topicKey));
    for (const topic of this.topics.all()) if (!acknowledged.has(topicKey(topic))) void this.watchAnother(topic);
  }

  /** What its page has read while the topic was on its way to the server may have changed without a hint. */
  private async watchAnother(topic: LiveTopic): Promise<void> {
    if (await this.sendWatch(topic)) this.update({ generation: this.snapshot.generation + 1 });
  }

  private async sendWatch(topic: LiveTopic): Promise<boolean> {
    const socket = this.socket;
    if (!socket) return false;
    const reply = (await socket
      .timeout(ACK_TIMEOUT_MS)
      .emitWithAck('live:watch', topic)
      .catch(() => null)) as Reply | null;
    // A job that does not exist has nothing to say; its page tells so by itself.
    if (reply?.ok || reply?.code === 'E_NOT_FOUND') return true;
    this.lost(socket);
    return false;
  }

  private lost(socket: LiveSocket): void {
    if (socket === this.socket) this.reconnectLater();
  }

  private reconnectLater(): void {
    this.dropSocket();
    this.update({ state: 'reconnecting' });
    this.timer = setTimeout(() => void this.connect(), reconnectDelayMs(this.failures, Math.random()));
    this.failures += 1;
  }

  private dropSocket(): void {
    this.epoch += 1;
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
  }

  private update(change: Partial<LiveSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}
