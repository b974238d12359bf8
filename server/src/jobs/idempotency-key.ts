import { badRequest } from '../platform/errors.js';

const MAX_LENGTH = 200;

/** @throws AppError 400 when the `Idempotency-Key` header is there and cannot be one */
export function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (!/^[\x21-\x7e]+$/.test(header) || header.length > MAX_LENGTH) {
    throw badRequest(
      'invalid_idempotency_key',
      `Idempotency-Key must have 1 to ${MAX_LENGTH} visible ASCII characters without spaces.`,
    );
  }
  return header;
}
