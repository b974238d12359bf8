import { createHash } from 'node:crypto';

/**
 * Tells whether a submit with a known idempotency key asks for the same job. The secrets are not in it: a digest of a
 * short secret could be guessed back, so their sealed values are compared instead.
 */
export function requestFingerprint(body: object): string {
  const withoutSecrets = { ...body, secrets: undefined };
  return createHash('sha256')
    .update(JSON.stringify(canonical(withoutSecrets)))
    .digest('base64url');
}

/** The same value with the keys of every object in order and without undefined ones, at every depth. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, canonical(each)]);
}
