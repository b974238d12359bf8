import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { ArchiveRefused, type ArchiveEntry } from './archive-entry.js';
import { FORMAT_BYTES, isTar } from './archive-format.js';
import { ARCHIVE_LIMITS } from './archive-rules.js';
import type { Visit } from './read-archive.js';

/** Headers and padding beside the content. */
const MAX_PLAIN_BYTES = ARCHIVE_LIMITS.unpackedBytes + ARCHIVE_LIMITS.entries * 4096;
/** Of one extended header: a path, a link, and what else is said of an entry. */
const MAX_META_BYTES = 64 * 1024;

const TYPES: Readonly<Record<string, ArchiveEntry['type']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symlink',
};

export async function readTar(chunks: AsyncIterable<Uint8Array>, isCompressed: boolean, visit: Visit): Promise<void> {
  // strict: what is not quite right is an error, which write() throws because nobody listens for it
  const parser = new Parser({ strict: true, maxMetaEntrySize: MAX_META_BYTES });
  parser.on('entry', (entry: ReadEntry) => {
    const sink = visit(entryOf(entry));
    if (sink === null) return void entry.resume();
    entry.on('data', (chunk: Buffer) => sink.write(chunk));
    entry.on('end', () => sink.end());
  });
  // also an extended header that is too large: without it the entry after it would have another name
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    if (entry.meta) throw new ArchiveRefused(`The archive has a header with more than ${MAX_META_BYTES} bytes.`);
    visit(entryOf(entry));
  });
  const consume = (plain: AsyncIterable<Uint8Array>) => feed(parser, plain);
  if (isCompressed) await pipeline(chunks, createGunzip(), consume);
  else await consume(chunks);
}

async function feed(parser: Parser, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_PLAIN_BYTES)
      throw new ArchiveRefused(`The archive has more than ${MAX_PLAIN_BYTES} bytes unpacked.`);
    if (head === null) {
      parser.write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < FORMAT_BYTES) continue;
    // the parser would unpack what is packed twice
    if (!isTar(head)) break;
    parser.write(head);
    head = null;
  }
  if (head !== null) throw new ArchiveRefused('There is no tar in it.');
  parser.end();
}

function entryOf({ path, type, size, mode = 0, linkpath = '' }: ReadEntry): ArchiveEntry {
  const known = TYPES[type] ?? 'other';
  return { path, type: known, size, mode, target: known === 'symlink' ? linkpath : '' };
}
