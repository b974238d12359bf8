import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import { LogWatchers } from '../logs/log-watchers.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { SERVER_VERSION } from '../platform/version.js';
import { BusMetrics } from './bus-metrics.js';
import { BUS_TRANSPORT, type BusTransport } from './bus-transport.js';
import { HintOutbox } from './hint-outbox.js';
import { HINT_NAMES, readBusMessage, type BusMessage, type Hint, type HintName } from './hint.js';
import { Peers } from './peers.js';
import { ServerRepository } from './server.repository.js';

/** Hints that come together leave together; the first after a quiet time leaves at once. */
const FLUSH_EVERY_MS = 5;
/** About a thousand hints; what is above it in one flush is left to the sweeps. */
const MESSAGES_PER_FLUSH = 16;
/** Sweep periods without a sign of life after which another server counts as gone. */
const ALIVE_FOR_BEATS = 3;
/** Fit into one message. */
const WATCHED_TOLD = 150;

/**
 * Tells the other servers on this database what happened here, and this one what happened there. Events of this
 * process that concern others become hints; hints become events of this process, which are told to nobody again.
 *
 * Which servers there are is a row for each in the database, renewed every sweep period, so that a server alone says
 * nothing at all. Every hint may be lost: whatever one would tell is found by a sweep or a renewal.
 */
@Injectable()
export class ServerBus implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ServerBus.name);
  private readonly me = { id: randomUUID(), host: os.hostname(), version: SERVER_VERSION };
  private readonly outbox = new HintOutbox();
  private readonly peers: Peers;
  private readonly aliveForMs: number;
  private subscriptions: readonly (() => void)[] = [];
  /** Events are published synchronously: what is heard meanwhile is the echo of a hint. */
  private delivering = false;
  private flushTimer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> = Promise.resolve();
  private beatTimer: NodeJS.Timeout | null = null;
  private beating: Promise<void> = Promise.resolve();
  private beatAtMs = performance.now();
  private stopped = false;

  constructor(
    private readonly bus: EventBus,
    private readonly watchers: LogWatchers,
    private readonly servers: ServerRepository,
    private readonly metrics: BusMetrics,
    @Inject(BUS_TRANSPORT) private readonly transport: BusTransport,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {
    this.aliveForMs = ALIVE_FOR_BEATS * timing.sweepEveryMs;
    this.peers = new Peers(this.aliveForMs, () => performance.now());
    metrics.watch(
      () => this.peers.count + 1,
      () => transport.isConnected,
    );
  }

  onApplicationBootstrap(): void {
    this.subscriptions = HINT_NAMES.map((name) => this.forward(name));
    this.transport.start({ onMessage: (text) => this.receive(text), onGap: () => this.caughtUp() });
    this.beatSoon(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.subscriptions.forEach((unsubscribe) => unsubscribe());
    clearTimeout(this.beatTimer ?? undefined);
    clearTimeout(this.flushTimer ?? undefined);
    await this.flushing;
    await this.beating;
    if (this.peers.count > 0) await this.send([this.message('gone', [])]);
    await this.transport.stop();
    await this.servers.forget(this.me.id).catch(() => undefined);
  }

  private forward<Name extends HintName>(name: Name): () => void {
    return this.bus.on(name, (event) => {
      if (this.delivering || this.peers.count === 0) return;
      // nobody elsewhere reads this log: whoever begins to says so
      if (name === 'log.appended' && !this.watchers.isWatchedElsewhere((event as { jobId: never }).jobId)) return;
      this.outbox.add(...([name, event] as unknown as Hint));
      this.scheduleFlush();
    });
  }

  private scheduleFlush(): void {
    this.flushTimer ??= setTimeout(() => {
      this.flushing = this.flush().finally(() => {
        this.flushTimer = null;
        if (!this.outbox.isEmpty && !this.stopped) this.scheduleFlush();
      });
    }, FLUSH_EVERY_MS);
  }

  private async flush(): Promise<void> {
    const { messages, dropped } = this.outbox.take((hints) => this.message('hints', hints), MESSAGES_PER_FLUSH);
    this.metrics.hintsDropped(dropped);
    await this.send(messages);
  }

  private async send(messages: readonly string[]): Promise<void> {
    if (messages.length === 0) return;
    if (await this.transport.send(messages)) this.metrics.messagesSent(messages.length);
    else this.metrics.hintsDropped(messages.length);
  }

  private message(kind: BusMessage['kind'], hints: readonly Hint[]): string {
    return JSON.stringify({ from: this.me.id, kind, hints } satisfies BusMessage);
  }

  private receive(text: string): void {
    const message = readBusMessage(text);
    if (message === null || message.from === this.me.id || this.stopped) return;
    if (message.kind === 'gone') return this.lost(message.from, 'it stopped');
    this.met(message.from);
    this.delivering = true;
    try {
      for (const hint of message.hints) this.deliver(message.from, hint);
    } finally {
      this.delivering = false;
    }
  }

  private deliver(from: string, [name, event]: Hint): void {
    this.metrics.hintReceived(name);
    if (name === 'log.watched') this.watchers.elsewhere(from, event.jobId, event.watched);
    else this.bus.publish(name, event);
  }

  /** Whatever was told before is unknown here, and nobody there knows of this server yet. */
  private caughtUp(): void {
    if (this.stopped) return;
    this.bus.publish('bus.gap', {});
    this.beatSoon(0);
  }

  private beatSoon(delayMs: number): void {
    clearTimeout(this.beatTimer ?? undefined);
    if (!this.stopped) this.beatTimer = setTimeout(() => void (this.beating = this.beat()), delayMs);
  }

  private async beat(): Promise<void> {
    const nowMs = performance.now();
    // this process was frozen: what others told meanwhile may not have waited for it
    if (nowMs - this.beatAtMs > this.aliveForMs) this.bus.publish('bus.gap', {});
    this.beatAtMs = nowMs;
    try {
      const others = await this.servers.beat(this.me, this.aliveForMs);
      for (const { id } of others) this.met(id);
    } catch (error) {
      this.logger.debug({ err: error }, 'the database was not told that this server is there');
    }
    for (const id of this.peers.dropSilent()) this.leave(id, 'it fell silent');
    if (this.peers.count > 0) await this.send([this.message('here', this.watchedHere())]);
    this.beatSoon(this.timing.sweepEveryMs);
  }

  private met(id: string): void {
    if (!this.peers.saw(id)) return;
    this.logger.log({ server: id, servers: this.peers.count + 1, bus: this.transport.name }, 'another server is here');
    // it learns of this one, and of the logs that are read here
    if (!this.stopped) void this.send([this.message('here', this.watchedHere())]);
  }

  private lost(id: string, why: string): void {
    if (this.peers.forget(id)) this.leave(id, why);
  }

  private leave(id: string, why: string): void {
    this.watchers.forgetElsewhere(id);
    this.logger.log({ server: id, servers: this.peers.count + 1, why }, 'another server is gone');
    // what it had under way, nobody tells
    this.bus.publish('bus.gap', {});
  }

  private watchedHere(): Hint[] {
    const jobIds = this.watchers.here().slice(0, WATCHED_TOLD);
    return jobIds.map((jobId) => ['log.watched', { jobId, watched: true }]);
  }
}
