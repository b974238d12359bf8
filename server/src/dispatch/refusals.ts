import type { ErrorCode, Refusal } from '@dibs/shared';

/** The same request, unchanged, will not succeed later. */
export function refused(code: ErrorCode, message: string): Refusal {
  return { ok: false, code, message, retryable: false };
}

/** The same request, unchanged, may succeed after a while. */
export function refusedForNow(code: ErrorCode, message: string, retryAfterMs?: number): Refusal {
  const refusal = { ok: false, code, message, retryable: true } as const;
  return retryAfterMs === undefined ? refusal : { ...refusal, retryAfterMs };
}
