import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A TCP proxy whose way to the server is slow; the way back is not. */
export class SlowLink {
  /** Bytes that went to the server. */
  sentBytes = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly bytesPerSecond: number,
  ) {}

  static async open(serverUrl: string, bytesPerSecond: number): Promise<SlowLink> {
    const server = createServer();
    const link = new SlowLink(server, bytesPerSecond);
    server.on('connection', (client) => link.join(client, connect(Number(new URL(serverUrl).port), '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, upstream: Socket): void {
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (chunk: Buffer) => {
      client.pause();
      void this.pass(chunk, upstream).then(() => client.resume());
    });
  }

  private async pass(chunk: Buffer, upstream: Socket): Promise<void> {
    for (let at = 0; at < chunk.length && !upstream.destroyed; at += SLICE_BYTES) {
      const slice = chunk.subarray(at, at + SLICE_BYTES);
      await delay((slice.length / this.bytesPerSecond) * 1000);
      upstream.write(slice);
      this.sentBytes += slice.length;
    }
  }
}

const SLICE_BYTES = 4096;
