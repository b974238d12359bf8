import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { BusListener, BusTransport } from './bus-transport.js';

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
const RECONNECT_MS = { least: 100, most: 5_000 } as const;

/**
 * Publish and subscribe over Redis, for installations that have one and want to spare PostgreSQL the notifications.
 * Nothing is kept in it: it may be emptied or die at any time.
 */
export class RedisTransport implements BusTransport {
  readonly name = 'redis';
  private readonly logger = new Logger(RedisTransport.name);
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  private timer: NodeJS.Timeout | null = null;
  private channel: string | null = null;
  private isDown = false;
  isConnected = false;

  /** @param readChannel the name for this installation: several may share one Redis */
  constructor(
    redisUrl: string,
    private readonly readChannel: () => Promise<string>,
    private readonly checkEveryMs: number,
  ) {
    [this.publisher, this.subscriber] = [connection(redisUrl), connection(redisUrl)];
  }

  start(listener: BusListener): void {
    for (const redis of [this.publisher, this.subscriber]) {
      redis.on('error', (error: Error) => this.lost(error));
      redis.on('close', () => this.lost(new Error('The connection has ended.')));
    }
    this.subscriber.on('message', (_channel: string, text: string) => listener.onMessage(text));
    this.subscriber.on('ready', () => void this.subscribe(listener));
    for (const redis of [this.publisher, this.subscriber]) redis.connect().catch(() => undefined);
    this.timer = setInterval(() => void this.check(), this.checkEveryMs);
  }

  async send(messages: readonly string[]): Promise<boolean> {
    const { channel } = this;
    if (!this.isConnected || channel === null) return false;
    try {
      await Promise.all(messages.map((message) => this.publisher.publish(channel, message)));
      return true;
    } catch (error) {
      this.lost(error);
      return false;
    }
  }

  stop(): Promise<void> {
    clearInterval(this.timer ?? undefined);
    for (const redis of [this.publisher, this.subscriber]) {
      redis.removeAllListeners();
      redis.on('error', () => undefined);
      redis.disconnect();
    }
    this.isConnected = false;
    return Promise.resolve();
  }

  private async subscribe(listener: BusListener): Promise<void> {
    try {
      this.channel ??= await this.readChannel();
      await this.subscriber.subscribe(this.channel);
      if (this.isDown) this.logger.log('the bus is connected again');
      [this.isConnected, this.isDown] = [true, false];
      listener.onGap();
    } catch (error) {
      this.lost(error);
      this.subscriber.disconnect(true);
    }
  }

  /** A black-holed connection says nothing by itself. */
  private async check(): Promise<void> {
    for (const redis of [this.publisher, this.subscriber]) {
      if (redis.status !== 'ready') continue;
      await redis.ping().catch((error: unknown) => {
        this.lost(error);
        redis.disconnect(true);
      });
    }
  }

  private lost(error: unknown): void {
    if (this.subscriber.status !== 'ready') this.isConnected = false;
    if (this.isDown) return;
    this.isDown = true;
    this.logger.warn({ err: error }, 'the bus is not connected; the sweep finds the news');
  }
}

function connection(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
    // what cannot be sent now is no news any more when the connection is back
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(RECONNECT_MS.most, RECONNECT_MS.least * 2 ** Math.min(10, times)),
  });
}
