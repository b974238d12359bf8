import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ArchiveSourceSpec } from '@dibs/shared';
import { ArchiveRules, checkArchive, readArchive, type ArchiveBytes } from '@dibs/shared/archives';
import { createFile, createFolder, createLink } from './create-beneath.js';

export interface ArchiveSourceOptions {
  readonly source: ArchiveSourceSpec;
  /** Empty. */
  readonly dir: string;
  readonly fetchArchive: (signal: AbortSignal) => Promise<Buffer>;
  readonly onOutput: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches the archive and unpacks it into `dir`. Nothing is written before all of it was found to be harmless, and the bytes
 * are kept in memory meanwhile, where nobody changes them. Rejects with ArchiveRefused, or with `signal.reason`.
 */
export async function fetchArchiveSource(options: ArchiveSourceOptions): Promise<void> {
  const { source, dir, fetchArchive, onOutput, signal } = options;
  const content = await fetchArchive(signal);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== source.sha256) throw new Error(`the server sent other bytes than the archive ${source.sha256}`);
  const bytes = bytesOf(content, signal);
  await checkArchive(bytes, { readsContent: true });
  const files = await unpack(bytes, dir);
  onOutput(`Unpacked ${files} ${files === 1 ? 'file' : 'files'} of the archive ${sha256}`);
}

/** @returns how many files */
async function unpack(bytes: ArchiveBytes, dir: string): Promise<number> {
  const rules = new ArchiveRules();
  const links: { readonly parts: readonly string[]; readonly target: string }[] = [];
  let files = 0;
  let open: number | null = null;
  const reading = readArchive(bytes, (entry) => {
    const parts = rules.add(entry);
    if (parts.length === 0) return null;
    if (entry.type === 'directory') createFolder(dir, parts);
    if (entry.type === 'symlink') links.push({ parts, target: entry.target });
    if (entry.type !== 'file') return null;
    files += 1;
    const file = (open = createFile(dir, parts, (entry.mode & 0o100) === 0 ? 0o600 : 0o700));
    return {
      write: (chunk) => {
        for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
      },
      end: () => {
        open = null;
        closeSync(file);
      },
    };
  });
  try {
    await reading;
  } finally {
    if (open !== null) closeSync(open);
  }
  // last, so that nothing is written through one
  for (const { parts, target } of links) createLink(dir, parts, target);
  return files;
}

const PIECE_BYTES = 64 * 1024;

/** Lets others have their turn after each piece. */
function bytesOf(content: Buffer, signal: AbortSignal): ArchiveBytes {
  return {
    bytes: content.length,
    async *range(start, end) {
      for (let at = start; at < end; at += PIECE_BYTES) {
        signal.throwIfAborted();
        yield content.subarray(at, Math.min(at + PIECE_BYTES, end));
        await setImmediate();
      }
    },
  };
}
