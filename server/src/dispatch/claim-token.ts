import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;

/** Secrets of new attempts. Random bytes for many at once, because each call costs as much as the bytes. */
export function claimTokens(count: number): string[] {
  const bytes = randomBytes(count * TOKEN_BYTES);
  return Array.from({ length: count }, (_, index) => {
    return bytes.toString('base64url', index * TOKEN_BYTES, (index + 1) * TOKEN_BYTES);
  });
}

export function claimToken(): string {
  return claimTokens(1)[0]!;
}
