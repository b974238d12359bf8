export const ERROR_CODES = [
  'E_VALIDATION',
  'E_UNAUTHENTICATED',
  'E_TOKEN_EXPIRED',
  'E_FORBIDDEN',
  'E_NOT_FOUND',
  'E_ALREADY_CLAIMED',
  'E_FENCED',
  'E_TERMINAL',
  'E_GAP',
  'E_CONFLICT',
  'E_TOO_LARGE',
  'E_RATE_LIMITED',
  'E_DUPLICATE_INSTANCE',
  'E_DRAINING',
  'E_PAUSED',
  'E_PROTOCOL_VERSION',
  'E_UNAVAILABLE',
  'E_INTERNAL',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** `retryable`: the same request may succeed later, unchanged; wait at least `retryAfterMs` if it is given. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

export type Reply<Success extends object = object> = ({ readonly ok: true } & Success) | Refusal;

/** Every request event takes its reply through this acknowledgement callback, after COMMIT, exactly once. */
export type Ack<Success extends object = object> = (reply: Reply<Success>) => void;
