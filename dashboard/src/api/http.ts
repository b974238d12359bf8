import type { Problem } from '@dibs/shared';
import { ApiError } from './api-error';
import { observeServerDate } from './server-clock';

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: { readonly contentType: string; readonly data: Blob | string };
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * One call of `/api/v1`, same-origin, with the session cookie.
 * @throws {ApiError} for every answer that is not 2xx and for no answer at all
 */
export async function request<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await answerTo(method, path, options);
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined as Answer;
  return (await response.json()) as Answer;
}

/** The same for what is answered as text. @throws {ApiError} likewise */
export async function requestText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await answerTo('GET', path, options)).text();
}

async function answerTo(method: string, path: string, options: RequestOptions): Promise<Response> {
  const response = await send(method, path, options);
  observeServerDate(response.headers.get('date'));
  if (!response.ok) throw await toApiError(response);
  return response;
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const { query, body, headers, signal } = options;
  const raw =
    options.raw ?? (body === undefined ? null : { contentType: 'application/json', data: JSON.stringify(body) });
  const timeout = AbortSignal.timeout(options.timeoutMs ?? REQUEST_TIMEOUT_MS);
  try {
    return await fetch(apiPath(path, query), {
      method,
      redirect: 'error',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { ...headers, ...(raw && { 'content-type': raw.contentType }) },
      ...(raw && { body: raw.data }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const detail = timeout.aborted
      ? 'The server did not answer in time.'
      : 'The dashboard cannot be reached. Check your connection.';
    throw new ApiError({ code: 'unreachable', detail });
  }
}

/** Address of a call, for links and downloads. */
export function apiPath(path: string, query: RequestOptions['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  return `/api/v1${path}${search.size > 0 ? `?${search.toString()}` : ''}`;
}

async function toApiError(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after'));
  const problem = await readProblem(response);
  return new ApiError(
    {
      ...problem,
      status: response.status,
      code: problem?.code ?? 'unexpected_answer',
      detail: problem?.detail ?? `The server answered with status ${response.status}.`,
    },
    retryAfter > 0 ? retryAfter : null,
  );
}

async function readProblem(response: Response): Promise<Partial<Problem> | null> {
  if (!response.headers.get('content-type')?.includes('json')) return null;
  return (await response.json().catch(() => null)) as Partial<Problem> | null;
}
