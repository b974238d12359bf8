import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Keeps one state with a lock for terraform's backend `http`. */
export class StateServer {
  state: string | null = null;
  /** What the holder of the lock said of it. */
  lock: string | null = null;
  private readonly http: Server;

  constructor() {
    this.http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = this.answer(request.method ?? '', Buffer.concat(chunks).toString());
        response.writeHead(status).end(body);
      });
    });
  }

  /** @returns settings of the backend */
  async listen(): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/state`;
    return { address, lock_address: address, unlock_address: address };
  }

  close(): void {
    this.http.close();
    this.http.closeAllConnections();
  }

  private answer(method: string, body: string): { status: number; body?: string } {
    if (method === 'GET') return this.state === null ? { status: 404 } : { status: 200, body: this.state };
    if (method === 'POST') this.state = body;
    else if (method === 'UNLOCK') this.lock = null;
    else if (this.lock !== null) return { status: 423, body: this.lock };
    else this.lock = body;
    return { status: 200 };
  }
}
