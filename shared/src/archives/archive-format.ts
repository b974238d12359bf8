import type { ArchiveFormat } from '../rest/source-archives.js';
import { ArchiveRefused } from './archive-entry.js';

/** As many bytes from the beginning as are needed to know the format. */
export const FORMAT_BYTES = 512;
const MAGIC_AT = 257;

/** Decided by the bytes: names and content types are what somebody says. @throws ArchiveRefused */
export function archiveFormatOf(head: Uint8Array): ArchiveFormat {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'tar.gz';
  // PK 3 4, or PK 5 6 of an archive with nothing in it
  if (head[0] === 0x50 && head[1] === 0x4b && [0x0304, 0x0506].includes((head[2]! << 8) | head[3]!)) return 'zip';
  if (isTar(head)) return 'tar';
  throw new ArchiveRefused('These bytes are no archive: tar, tar.gz (gzip) and zip are taken.');
}

/** Every tar since 1988 says so in the header of its first entry. */
export function isTar(head: Uint8Array): boolean {
  return [...'ustar'].every((letter, index) => head[MAGIC_AT + index] === letter.charCodeAt(0));
}
