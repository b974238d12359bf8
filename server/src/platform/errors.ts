import type { PropertyProblem } from '@dibs/shared';

export interface AppErrorOptions {
  readonly errors?: readonly PropertyProblem[];
  readonly cause?: unknown;
  /** Added to the HTTP answer, as in `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error that a caller may see: `detail` is one sentence without secrets, `code` is stable and snake_case. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly errors: readonly PropertyProblem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    /** HTTP status. */
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    options: AppErrorOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/** Also for things of other organizations: a foreign id looks like a missing one. */
export function notFound(what: string): AppError {
  return new AppError(404, 'not_found', `There is no such ${what}.`);
}

export function conflict(code: string, detail: string): AppError {
  return new AppError(409, code, detail);
}

export function badRequest(code: string, detail: string, errors?: readonly PropertyProblem[]): AppError {
  return new AppError(400, code, detail, errors === undefined ? {} : { errors });
}

export function forbidden(detail: string): AppError {
  return new AppError(403, 'forbidden', detail);
}

/** RFC 6750 §3: whoever comes without valid credentials is told which scheme is expected. */
export function unauthenticated(code: string, detail: string): AppError {
  const challenge = code === 'unauthenticated' ? 'Bearer realm="dibs"' : 'Bearer realm="dibs", error="invalid_token"';
  return new AppError(401, code, detail, { headers: { 'www-authenticate': challenge } });
}

export function tooManyRequests(detail: string, retryAfterSeconds: number): AppError {
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) };
  return new AppError(429, 'too_many_requests', detail, { headers });
}
