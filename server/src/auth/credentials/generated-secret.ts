import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Secrets that this server made: 256 random bits, which nobody guesses, so one SHA-256 is enough to store them by
 * (a slow hash would only protect what people choose).
 */
export function generateSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

const SCHEME = 'sha256:';

export function hashGenerated(secret: string): string {
  return SCHEME + createHash('sha256').update(secret, 'utf8').digest('base64url');
}

/** false also for hashes of another scheme */
export function matchesGenerated(secret: string, hash: string): boolean {
  const [given, stored] = [Buffer.from(hashGenerated(secret)), Buffer.from(hash)];
  return given.length === stored.length && timingSafeEqual(given, stored);
}
