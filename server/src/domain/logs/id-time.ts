/**
 * Ids are UUIDv7: they begin with the milliseconds of their making, so ids of a span of time are a span of ids. What
 * follows here takes any UUID; one of another version has a time as well, only a meaningless one.
 */

/** @returns the smallest id of this moment */
export function firstIdAt(atMs: number): string {
  return `${timePart(atMs)}-0000-0000-000000000000`;
}

/** @returns the greatest id of this moment */
export function lastIdAt(atMs: number): string {
  return `${timePart(atMs)}-ffff-ffff-ffffffffffff`;
}

/** @returns when the id was made, in milliseconds since 1970 */
export function timeOfId(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** 48 bits: the year 10889. */
const LAST_MS = 0xffff_ffff_ffff;

function timePart(atMs: number): string {
  const time = Math.min(Math.max(0, Math.floor(atMs)), LAST_MS)
    .toString(16)
    .padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}
