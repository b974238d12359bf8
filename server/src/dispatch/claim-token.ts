import { randomFillSync } from 'node:crypto';

const TOKEN_BYTES = 24;
const pool = Buffer.alloc(170 * TOKEN_BYTES);
let used = pool.length;

/**
 * Secret of a new attempt. Random bytes are fetched for many: each call to the generator costs as much as their bytes, and
 * on a server that was idle 70 us, of which the job would be the one to wait for them.
 */
export function claimToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += TOKEN_BYTES;
  return pool.toString('base64url', used - TOKEN_BYTES, used);
}
