import type { ErrorCode, Refusal } from '@dibs/shared';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { AppError } from '../platform/errors.js';

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'E_VALIDATION',
  401: 'E_UNAUTHENTICATED',
  403: 'E_FORBIDDEN',
  404: 'E_NOT_FOUND',
  409: 'E_CONFLICT',
  413: 'E_TOO_LARGE',
  422: 'E_VALIDATION',
};
const RETRY_AFTER_MS = 1_000;

/** What a runner is told of an error. Of an unexpected one nothing but that it may try again. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof AppError)) return refusedForNow('E_INTERNAL', 'The server failed.', RETRY_AFTER_MS);
  if (error.status === 429) return refusedForNow('E_RATE_LIMITED', error.detail, RETRY_AFTER_MS);
  if (error.status === 503) return refusedForNow('E_UNAVAILABLE', error.detail, RETRY_AFTER_MS);
  const code = CODES[error.status];
  return code ? refused(code, error.detail) : refusedForNow('E_INTERNAL', 'The server failed.', RETRY_AFTER_MS);
}

/** Whether the error says something about the server, and not about the request. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof AppError) || error.status === 500;
}
