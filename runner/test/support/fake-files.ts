import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

interface FileRequest {
  readonly method: string;
  /** Behind `/api/v1/attempts/`. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly claimToken: string | string[] | undefined;
  readonly body: Buffer;
}

/** Where plans and outputs of attempts travel: a record of what came, and a script of what goes wrong. */
export class FakeFiles {
  readonly requests: FileRequest[] = [];
  /** What the next requests meet with instead: a status and its code, or a connection that is cut. */
  readonly mishaps: ('cut' | { readonly status: number; readonly code: string })[] = [];
  /** What `GET …/plan` answers. */
  plan: Buffer | null = null;

  forget(): void {
    this.requests.length = 0;
    this.mishaps.length = 0;
    this.plan = null;
  }

  answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const path = url.slice('/api/v1/attempts/'.length);
    const claimToken = headers['x-dibs-claim-token'];
    this.requests.push({ method, path, authorization: headers.authorization, claimToken, body });
    const json = (status: number, content: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
    };
    const mishap = this.mishaps.shift();
    if (mishap === 'cut') return void request.socket.destroy();
    if (mishap) return json(mishap.status, { code: mishap.code, detail: `scripted ${mishap.code}` });
    if (path.endsWith('/outputs')) return json(200, { version: 7, changed: true });
    if (method === 'PUT')
      return json(201, { sha256: createHash('sha256').update(body).digest('hex'), bytes: body.length });
    if (this.plan === null) return json(410, { code: 'plan_gone', detail: 'The plan is gone.' });
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(this.plan);
  }

  /** Those that were not met by a mishap are the last ones. */
  to(end: 'plan' | 'outputs'): FileRequest[] {
    return this.requests.filter(({ path }) => path.endsWith(`/${end}`));
  }
}
