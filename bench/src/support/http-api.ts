import http from 'node:http';
import type { ClientCredentials } from '@dibs/shared';

/** Calls over kept connections, as a client that submits often does. */
export class HttpApi {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(
    private readonly url: string,
    readonly token: string,
  ) {}

  static async signIn(url: string, { clientId, clientSecret }: ClientCredentials): Promise<HttpApi> {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const response = await fetch(`${url}/connect/token`, { method: 'POST', body: new URLSearchParams(form) });
    if (!response.ok) throw new Error(`POST /connect/token: ${response.status} ${await response.text()}`);
    return new HttpApi(url, ((await response.json()) as { access_token: string }).access_token);
  }

  /** @throws when the answer is not 2xx */
  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: http.OutgoingHttpHeaders = { authorization: `Bearer ${this.token}` };
    if (text !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(text);
    }
    return new Promise((resolve, reject) => {
      const request = http.request(this.url + path, { method, agent: this.agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString('utf8');
          const ok = response.statusCode! >= 200 && response.statusCode! < 300;
          if (ok) resolve(JSON.parse(answer) as T);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
