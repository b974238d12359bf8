import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { BusListener, BusTransport } from './bus-transport.js';

const CHANNEL = 'dibs';
/** These guard against a network that swallows everything and are no leases: TIME_SCALE spares them. */
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
const RECONNECT_MS = { least: 100, most: 5_000 } as const;

/**
 * LISTEN and NOTIFY over one connection of its own. A notification makes its transaction take a lock of the whole
 * database, so it never rides in a transaction that does work; without synchronous commit it waits for no disk either.
 *
 * A connection that is black-holed would lose everything without an error. It is asked something regularly: answer and
 * notifications come on one stream, so an answer proves that nothing is missing before it.
 */
export class PostgresTransport implements BusTransport {
  readonly name = 'postgres';
  private readonly logger = new Logger(PostgresTransport.name);
  private client: pg.Client | null = null;
  private listener: BusListener | null = null;
  private timer: NodeJS.Timeout | null = null;
  private failures = 0;
  private stopped = false;
  private connecting: Promise<void> = Promise.resolve();
  private asking: Promise<unknown> = Promise.resolve();

  /** @param checkEveryMs how often the connection is asked whether it still lives */
  constructor(
    private readonly databaseUrl: string,
    private readonly checkEveryMs: number,
  ) {}

  get isConnected(): boolean {
    return this.client !== null;
  }

  start(listener: BusListener): void {
    this.listener = listener;
    this.connecting = this.connect();
  }

  send(messages: readonly string[]): Promise<boolean> {
    return this.ask((client) => client.query(NOTIFY, [CHANNEL, messages]));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer ?? undefined);
    await this.connecting;
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = this.newClient();
    try {
      await client.connect();
      await client.query('SET synchronous_commit = off');
      await client.query(`LISTEN ${CHANNEL}`);
      if (this.stopped) return await client.end();
    } catch (error) {
      client.end().catch(() => undefined);
      return this.tryAgain(error);
    }
    client.on('notification', ({ payload }) => this.listener?.onMessage(payload ?? ''));
    this.client = client;
    if (this.failures > 0) this.logger.log('the bus is connected again');
    this.failures = 0;
    this.listener?.onGap();
    this.next(() => void this.check(), this.checkEveryMs);
  }

  private newClient(): pg.Client {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'dibs-server-bus',
    });
    // without a listener the end of its backend would be an uncaught exception
    client.on('error', (error) => this.lose(client, error));
    client.on('end', () => this.lose(client, new Error('The connection has ended.')));
    return client;
  }

  private async check(): Promise<void> {
    if (await this.ask((client) => client.query('SELECT 1'))) this.next(() => void this.check(), this.checkEveryMs);
  }

  /** One question after the other. @returns whether it was answered; if not, the connection is given up */
  private ask(question: (client: pg.Client) => Promise<unknown>): Promise<boolean> {
    const answered = this.asking.then(async () => {
      const { client } = this;
      if (client === null) return false;
      try {
        await question(client);
        return true;
      } catch (error) {
        this.lose(client, error);
        return false;
      }
    });
    this.asking = answered;
    return answered;
  }

  private lose(client: pg.Client, error: unknown): void {
    if (this.client !== client) return;
    this.client = null;
    // its socket may never answer again, so nothing may wait for a goodbye
    client.end().catch(() => undefined);
    destroySocketOf(client);
    this.tryAgain(error);
  }

  private tryAgain(error: unknown): void {
    if (this.stopped) return;
    if (this.failures === 0) this.logger.warn({ err: error }, 'the bus is not connected; the sweep finds the news');
    this.failures += 1;
    const delayMs = Math.min(RECONNECT_MS.most, RECONNECT_MS.least * 2 ** Math.min(10, this.failures));
    this.next(() => (this.connecting = this.connect()), delayMs);
  }

  private next(work: () => unknown, delayMs: number): void {
    clearTimeout(this.timer ?? undefined);
    if (!this.stopped) this.timer = setTimeout(work, delayMs);
  }
}

const NOTIFY = 'SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message';

function destroySocketOf(client: pg.Client): void {
  (client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy();
}
