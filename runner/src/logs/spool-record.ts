import type { WireLogLine } from '@dibs/shared';
import { crc32 } from 'node:zlib';

/** A line as it stands in a file of the spool: `NUMBER CHECKSUM JSON`. */
export interface SpoolRecord {
  readonly seq: number;
  readonly line: WireLogLine;
  /** Of the line as JSON. */
  readonly bytes: number;
}

const SPACE = 0x20;
const BRACKET = 0x5b;

/** With its line end. ASCII but for the JSON. */
export function recordText(seq: number, json: string): string {
  return `${seq} ${checksum(seq, json)} ${json}\n`;
}

/**
 * @param raw without its line end
 * @param expectedSeq of a line that an older runner wrote, without number and checksum
 * @returns null: not a line as the spool wrote it (torn, changed, or zeros after a power cut)
 */
export function recordOf(raw: Buffer, expectedSeq: number): SpoolRecord | null {
  if (raw[0] === BRACKET) return parsed(expectedSeq, raw);
  const numberEnd = raw.indexOf(SPACE);
  const checksumEnd = raw.indexOf(SPACE, numberEnd + 1);
  if (numberEnd <= 0 || checksumEnd < 0) return null;
  const seq = Number(raw.toString('latin1', 0, numberEnd));
  const json = raw.subarray(checksumEnd + 1);
  if (!Number.isSafeInteger(seq)) return null;
  return Number(raw.toString('latin1', numberEnd + 1, checksumEnd)) === checksum(seq, json) ? parsed(seq, json) : null;
}

/** CRC-32. The number is part of it: a line is no other one's. */
function checksum(seq: number, json: string | Buffer): number {
  return crc32(json, seq >>> 0);
}

function parsed(seq: number, json: Buffer): SpoolRecord | null {
  try {
    const line: unknown = JSON.parse(json.toString('utf8'));
    const isLine = Array.isArray(line) && line.length >= 4;
    return isLine ? { seq, line: line as unknown as WireLogLine, bytes: json.length } : null;
  } catch {
    return null;
  }
}
