import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;
let lastMs = 0;
let sequence = 0;

/**
 * UUIDv7 (RFC 9562 §5.7), monotonic within this process (§6.2, method 1: `rand_a` counts within a millisecond), so
 * that ids sort by age and new index entries land beside each other.
 */
export function uuidv7(): string {
  const random = take();
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // the upper half of the counter's range is left free to count into
    sequence = ((random[0]! << 8) | random[1]!) & 0x7ff;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const counter = (0x7000 | sequence).toString(16);
  random[2] = (random[2]! & 0x3f) | 0x80;
  const tail = random.toString('hex', 2, 10);
  return `${time.slice(0, 8)}-${time.slice(8)}-${counter}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

/** Smaller than every UUIDv7 made in this millisecond or later, greater than all that were made before. */
export function firstUuidAt(atMs: number): string {
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

function take(): Buffer {
  if (used + 10 > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += 10;
  return pool.subarray(used - 10, used);
}
