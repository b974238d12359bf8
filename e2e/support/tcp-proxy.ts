import net from 'node:net';

/**
 * `pass`: as if it were not there. `black-hole`: takes connections and bytes and delivers nothing, in both directions;
 * `drop-up` / `drop-down`: in one (up: towards the server). `refuse`: cuts whatever connects.
 */
export type ProxyMode = 'pass' | 'black-hole' | 'drop-up' | 'drop-down' | 'refuse';

/** Told of every piece that arrives, delivered or not. @param connection the same object for both its directions */
export type Listener = (connection: object, way: 'up' | 'down', data: Buffer) => void;

interface Pair {
  readonly client: net.Socket;
  readonly upstream: net.Socket;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** A TCP proxy of our own between runner and server: faults of the network without any right on the machine. */
export class TcpProxy {
  /** Connections cut by `reset` and `cutAfter` so far. */
  cuts = 0;
  onData: Listener = () => undefined;
  private mode: ProxyMode = 'pass';
  private bytesPerSecond: number | null = null;
  private readonly pairs = new Set<Pair>();
  private readonly server: net.Server;
  private bytesLeft: number | null = null;
  private recorded: Map<Pair, Buffer[]> | null = null;

  private constructor(private targets: readonly Target[]) {
    this.server = net.createServer({ allowHalfOpen: false, pauseOnConnect: true }, (client) => this.accept(client));
  }

  /** With several targets it balances: each connection goes to the first that takes it, beginning with another one. */
  static async start(...targetUrls: readonly string[]): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetUrls.map(targetOf));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  get open(): number {
    return this.pairs.size;
  }

  /** From now on connections go to this one as well. */
  alsoTo(targetUrl: string): void {
    this.targets = [...this.targets, targetOf(targetUrl)];
  }

  /** Bytes under way in a silent mode are gone for good, so a connection that lived through one is cut at its end. */
  setMode(mode: ProxyMode): void {
    const lossy = this.mode !== 'pass';
    this.mode = mode;
    if (mode === 'refuse' || (mode === 'pass' && lossy)) this.reset();
  }

  /** From now on what goes towards the servers is kept. */
  record(): void {
    this.recorded = new Map();
  }

  /** Of each connection what it sent since `record`. */
  get recordings(): Buffer[] {
    return [...(this.recorded?.values() ?? [])].map((parts) => Buffer.concat(parts));
  }

  /** Cuts every connection with a RST. */
  reset(): void {
    for (const pair of [...this.pairs]) this.cut(pair);
  }

  /** Lets this many more bytes towards the server pass, then cuts in the middle of whatever is on its way. */
  cutAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  /** null: as fast as it goes. */
  throttle(bytesPerSecond: number | null): void {
    this.bytesPerSecond = bytesPerSecond;
  }

  async stop(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: net.Socket): void {
    if (this.mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const [first, ...rest] = this.targets;
    this.targets = [...rest, first!];
    this.connect(client, [first!, ...rest]);
  }

  private connect(client: net.Socket, [target, ...others]: readonly Target[]): void {
    const upstream = net.connect(target!);
    const giveUp = (): void => {
      if (others.length > 0 && !client.destroyed) this.connect(client, others);
      else client.resetAndDestroy();
    };
    upstream.once('error', giveUp);
    upstream.once('connect', () => {
      upstream.off('error', giveUp);
      this.join({ client, upstream });
    });
  }

  private join(pair: Pair): void {
    const { client } = pair;
    this.pairs.add(pair);
    const end = (): void => this.end(pair);
    for (const socket of [pair.client, pair.upstream]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (data) => this.carryUp(pair, data));
    pair.upstream.on('data', (data) => {
      this.onData(pair, 'down', data);
      this.carry(pair.upstream, client, 'drop-down', data);
    });
    if (client.destroyed) return this.end(pair);
    client.resume();
  }

  private carryUp(pair: Pair, data: Buffer): void {
    this.onData(pair, 'up', data);
    this.keep(pair, data);
    if (this.bytesLeft !== null && data.length >= this.bytesLeft) {
      pair.upstream.write(data.subarray(0, this.bytesLeft));
      this.bytesLeft = null;
      // what passed goes out before the end does
      pair.upstream.end(() => this.cut(pair));
      return;
    }
    if (this.bytesLeft !== null) this.bytesLeft -= data.length;
    this.carry(pair.client, pair.upstream, 'drop-up', data);
  }

  private keep(pair: Pair, data: Buffer): void {
    if (this.recorded === null) return;
    const parts = this.recorded.get(pair);
    if (parts) parts.push(data);
    else this.recorded.set(pair, [data]);
  }

  private carry(from: net.Socket, to: net.Socket, dropped: ProxyMode, data: Buffer): void {
    if (this.mode === 'black-hole' || this.mode === dropped || to.destroyed) return;
    const roomLeft = to.write(data);
    const pauseMs = this.bytesPerSecond === null ? 0 : (data.length / this.bytesPerSecond) * 1000;
    if (roomLeft && pauseMs === 0) return;
    from.pause();
    const resume = (): void => void from.resume();
    if (pauseMs > 0) setTimeout(resume, pauseMs);
    else to.once('drain', resume);
  }

  private cut(pair: Pair): void {
    if (!this.pairs.delete(pair)) return;
    this.cuts += 1;
    pair.client.resetAndDestroy();
    pair.upstream.resetAndDestroy();
  }

  private end(pair: Pair): void {
    if (!this.pairs.delete(pair)) return;
    pair.client.destroy();
    pair.upstream.destroy();
  }
}

function targetOf(url: string): Target {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
