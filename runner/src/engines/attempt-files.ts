import { MAX_SOURCE_ARCHIVE_BYTES, type EngineOutput, type HeldAttempt, type Problem } from '@dibs/shared';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs, type BackoffLimits } from '../connection/backoff.js';
import type { TokenSource } from '../connection/token-source.js';

export interface AttemptFilesOptions {
  readonly serverUrl: string;
  readonly tokens: Pick<TokenSource, 'get' | 'forget'>;
  readonly held: HeldAttempt;
  /** Between tries. */
  readonly retry: BackoffLimits;
  /** The server says that the attempt is over. */
  readonly onFenced: () => void;
  /** Once for each file, when the first try did not succeed. */
  readonly onTrouble: (why: string) => void;
}

/** The server will not do it, however often it is asked. */
export class FileRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'FileRefused';
  }
}

export const MAX_PLAN_BYTES = 64 * 2 ** 20;
const MAX_ANSWER_BYTES = 64 * 2 ** 10;

interface Exchange {
  readonly method: 'GET' | 'PUT';
  readonly path: 'plan' | 'outputs' | 'source';
  readonly body?: { readonly type: string; readonly bytes: Buffer };
  readonly maxAnswerBytes: number;
}

/**
 * The source, plans and outputs of one attempt, which are too large and too secret for the socket. Each call repeats itself over
 * everything that may pass (no network, a server that restarts, a token that has ended), for as long as the attempt lives.
 * Each rejects with FileRefused, or with the signal's reason.
 */
export class AttemptFiles {
  constructor(private readonly options: AttemptFilesOptions) {}

  /** @returns the SHA-256 of what the server has stored */
  async putPlan(bytes: Buffer, signal: AbortSignal): Promise<string> {
    const body = { type: 'application/octet-stream', bytes };
    const answer = await this.exchange({ method: 'PUT', path: 'plan', body, maxAnswerBytes: MAX_ANSWER_BYTES }, signal);
    return (JSON.parse(answer.toString('utf8')) as { sha256: string }).sha256;
  }

  /** @returns the version of the module's outputs from now on, and whether they changed */
  async putOutputs(
    outputs: Readonly<Record<string, EngineOutput>>,
    signal: AbortSignal,
  ): Promise<{ version: number; changed: boolean }> {
    const body = { type: 'application/json', bytes: Buffer.from(JSON.stringify(outputs)) };
    const answer = await this.exchange(
      { method: 'PUT', path: 'outputs', body, maxAnswerBytes: MAX_ANSWER_BYTES },
      signal,
    );
    return JSON.parse(answer.toString('utf8')) as { version: number; changed: boolean };
  }

  /** The plan that this attempt is to carry out. */
  getPlan(signal: AbortSignal): Promise<Buffer> {
    return this.exchange({ method: 'GET', path: 'plan', maxAnswerBytes: MAX_PLAN_BYTES }, signal);
  }

  /** The archive that is the source of the job. */
  getSource(signal: AbortSignal): Promise<Buffer> {
    return this.exchange({ method: 'GET', path: 'source', maxAnswerBytes: MAX_SOURCE_ARCHIVE_BYTES }, signal);
  }

  private async exchange(exchange: Exchange, signal: AbortSignal): Promise<Buffer> {
    const { retry, onTrouble } = this.options;
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted();
      let retryAfterMs = 0;
      try {
        const answer = await this.tryOnce(exchange, signal);
        if (!('why' in answer)) return answer;
        retryAfterMs = answer.retryAfterMs;
        if (failures === 0) onTrouble(answer.why);
      } catch (error) {
        if (error instanceof FileRefused) throw error;
        signal.throwIfAborted();
        if (failures === 0) onTrouble((error as Error).message);
      }
      await delay(backoffMs(failures, Math.random(), retry, retryAfterMs), undefined, { signal });
    }
  }

  /** @returns the answer, or why to try again. @throws FileRefused; any other error: there was no answer */
  private async tryOnce(exchange: Exchange, signal: AbortSignal): Promise<Buffer | TryAgain> {
    const { serverUrl, tokens, held, onFenced } = this.options;
    const { method, path, body, maxAnswerBytes } = exchange;
    const bytes = Math.max(body?.bytes.length ?? 0, method === 'GET' ? maxAnswerBytes : 0);
    const response = await fetch(`${serverUrl}/api/v1/attempts/${held.jobId}/${held.attempt}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokens.get()}`,
        'x-dibs-claim-token': held.claimToken,
        ...(body && { 'content-type': body.type }),
      },
      ...(body && { body: new Uint8Array(body.bytes) }),
      redirect: 'error',
      signal: AbortSignal.any([
        signal,
        AbortSignal.timeout(ANSWER_WITHIN_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS)),
      ]),
    });
    if (response.ok) return readUpTo(response, maxAnswerBytes);
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    const why = `the server answered with HTTP ${response.status} (${problem.detail ?? 'no detail'})`;
    if (response.status === 401) tokens.forget();
    if (response.status >= 500 || PASSING.has(response.status)) {
      return { why, retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1000 || 0 };
    }
    if (response.status === 403 && problem.code === 'fenced') onFenced();
    throw new FileRefused(response.status, why);
  }
}

interface TryAgain {
  readonly why: string;
  readonly retryAfterMs: number;
}

async function readUpTo(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new FileRefused(response.status, `the server sent more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The token had ended; too many requests; the server waited too long for the body. */
const PASSING: ReadonlySet<number> = new Set([401, 408, 429]);
const ANSWER_WITHIN_MS = 30_000;
/** A link that is slower is taken for one that hangs. */
const SLOWEST_BYTES_PER_MS = 64;
