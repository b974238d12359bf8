import type { Refusal } from '@dibs/shared';

/** Nothing is known about what became of the request: repeat it, unchanged, once the link is up again. */
export class NoAnswerError extends Error {}

/** A handshake, token request or hello was turned away. */
export class RefusedError extends Error {
  constructor(readonly refusal: Pick<Refusal, 'code' | 'message' | 'retryable' | 'retryAfterMs'>) {
    super(`${refusal.code}: ${refusal.message}`);
  }
}
