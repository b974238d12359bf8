import { setTimeout as delay } from 'node:timers/promises';
import {
  isTerminal,
  type InstanceView,
  type JobDetail,
  type JobSummary,
  type LogRow,
  type Page,
  type RunnerCreated,
  type SubmitJobBody,
} from '@dibs/shared';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A server that is frozen answers never. */
const ANSWER_WITHIN_MS = 60_000;

/** A caller of the REST API who lives through restarts of the server, as CI pipelines do. */
export class Api {
  private token: string | null = null;

  constructor(
    private readonly url: string,
    private readonly owner: Credentials,
  ) {}

  async submit(body: SubmitJobBody, headers: Readonly<Record<string, string>> = {}): Promise<JobDetail> {
    return this.call('POST', '/api/v1/jobs', body, headers);
  }

  job(id: string): Promise<JobDetail> {
    return this.call('GET', `/api/v1/jobs/${id}`);
  }

  async jobs(): Promise<string[]> {
    return (await this.allJobs()).map(({ id }) => id);
  }

  async allJobs(): Promise<JobSummary[]> {
    const all: JobSummary[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<JobSummary> = await this.call('GET', `/api/v1/jobs?limit=100${query}`);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  }

  async log(id: string, attempt: number): Promise<LogRow[]> {
    const path = `/api/v1/jobs/${id}/logs?format=ndjson&attempt=${attempt}`;
    const rows: LogRow[] = [];
    for (let after = 0; ;) {
      const response = await this.send('GET', `${path}&after=${after}`);
      const text = await response.text();
      if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
      const page = text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogRow);
      if (page.length === 0) return rows;
      rows.push(...page);
      after = page.at(-1)!.seq;
    }
  }

  cancel(id: string, mode = 'graceful'): Promise<unknown> {
    return this.call('POST', `/api/v1/jobs/${id}/cancel`, { mode });
  }

  createRunner(name: string): Promise<RunnerCreated> {
    return this.call('POST', '/api/v1/runners', { name });
  }

  async instances(runnerId: string): Promise<readonly InstanceView[]> {
    return (await this.call<Page<InstanceView>>('GET', `/api/v1/runners/${runnerId}/instances`)).items;
  }

  /** The job once it is terminal. */
  async finished(id: string, withinMs = 60_000): Promise<JobDetail> {
    let seen = 'nothing';
    for (const deadline = performance.now() + withinMs; performance.now() < deadline; await delay(30)) {
      const job = await this.job(id).catch((error: unknown) => String(error));
      if (typeof job !== 'string' && isTerminal(job.state)) return job;
      seen = typeof job === 'string' ? job : `${job.state}, attempt ${job.attempt}`;
    }
    throw new Error(`job ${id} is not terminal after ${withinMs} ms: ${seen}`);
  }

  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    return answerOf<T>(await this.send(method, path, body, headers), `${method} ${path}`);
  }

  /** Bytes as they are. */
  async upload<T>(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<T> {
    const authorization = `Bearer ${(this.token ??= await this.signIn())}`;
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/octet-stream' },
      body: bytes,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return answerOf<T>(response, `POST ${path}`);
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const authorization = `Bearer ${(this.token ??= await this.signIn())}`;
    return fetch(this.url + path, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  }

  private async signIn(): Promise<string> {
    const response = await fetch(`${this.url}/connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: this.owner.clientId,
        client_secret: this.owner.clientSecret,
      }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (!response.ok) throw new Error(`POST /connect/token: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }
}

async function answerOf<T>(response: Response, call: string): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${call}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
