import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface StoredState {
  text: string | null;
  /** What whoever holds the lock said of itself, as JSON. */
  lock: string | null;
}

/**
 * Where terraform keeps its states in these tests, by its `http` backend: unlike those of a file its locks stay when the
 * process that took them is killed.
 */
export class StateStore {
  private readonly states = new Map<string, StoredState>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StateStore> {
    const server = createServer();
    const store = new StateStore(server);
    server.on('request', (request, response) => void store.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return store;
  }

  /** The settings of the backend for one state. */
  backend(name: string): Record<string, string> {
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
    return { address: url, lock_address: url, unlock_address: url };
  }

  /** @returns addresses of the resources in it; null: it was never written */
  resources(name: string): string[] | null {
    const { text } = this.state(name);
    if (text === null) return null;
    const { resources } = JSON.parse(text) as { resources: { type: string; name: string }[] };
    return resources.map((resource) => `${resource.type}.${resource.name}`);
  }

  holds(name: string, part: string): boolean {
    return this.state(name).text?.includes(part) ?? false;
  }

  isLocked(name: string): boolean {
    return this.state(name).lock !== null;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private state(name: string): StoredState {
    const known = this.states.get(name) ?? { text: null, lock: null };
    this.states.set(name, known);
    return known;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const state = this.state(new URL(request.url!, 'http://store').pathname.slice(1));
    const [status, answer] = act(state, request.method!, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
  }
}

function act(state: StoredState, method: string, body: string): [status: number, answer: string] {
  if (method === 'GET') return state.text === null ? [404, ''] : [200, state.text];
  if (method === 'POST') state.text = body;
  else if (method === 'LOCK' && state.lock !== null) return [423, state.lock];
  else if (method === 'LOCK') state.lock = body;
  // force-unlock sends no information of its own
  else if (method === 'UNLOCK') state.lock = null;
  else return [405, ''];
  return [200, ''];
}
