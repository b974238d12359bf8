import type { Problem, PropertyProblem } from '@dibs/shared';

/** A request that did not succeed, with words that can be shown to people. */
export class ApiError extends Error {
  /** HTTP status; 0: no answer arrived at all. */
  readonly status: number;
  /** Stable snake_case code to branch on. */
  readonly code: string;
  /** To be named in a report to whoever runs the server; null where no server answered. */
  readonly requestId: string | null;
  readonly errors: readonly PropertyProblem[];
  readonly retryAfterSeconds: number | null;

  constructor(problem: Partial<Problem> & { detail: string; code: string }, retryAfterSeconds: number | null = null) {
    super(problem.detail);
    this.name = 'ApiError';
    this.status = problem.status ?? 0;
    this.code = problem.code;
    this.requestId = problem.requestId || null;
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** No server, a proxy's failure, or a server in trouble: the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function isApiError(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
