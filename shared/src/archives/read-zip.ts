import { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ArchiveRefused, type ArchiveEntry } from './archive-entry.js';
import { ARCHIVE_LIMITS } from './archive-rules.js';
import type { ArchiveBytes, Visit } from './read-archive.js';

const UNIX = 3;
const TYPE_OF_MODE: Readonly<Record<number, ArchiveEntry['type']>> = {
  0: 'file',
  0o04: 'directory',
  0o10: 'file',
  0o12: 'symlink',
};
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What the directory at its end says counts, sizes included: content that is longer is an error. */
export async function readZip(source: ArchiveBytes, visit: Visit): Promise<void> {
  const zip = await yauzl.fromRandomAccessReaderPromise(new BytesReader(source), source.bytes, {
    lazyEntries: true,
    autoClose: false,
    decodeStrings: false,
    validateEntrySizes: true,
  });
  for await (const entry of zip.eachEntry()) await readEntry(zip, entry, visit);
}

async function readEntry(zip: ZipFile, entry: Entry, visit: Visit): Promise<void> {
  const described = { path: nameOf(entry), ...kindOf(entry), size: entry.uncompressedSize };
  if (!entry.canDecodeFileData()) {
    throw new ArchiveRefused(
      `The entry ${JSON.stringify(described.path)} of the archive is encrypted, or packed in a way that is not known.`,
    );
  }
  const target = described.type === 'symlink' ? await targetOf(zip, entry) : '';
  const sink = visit({ ...described, target });
  if (sink === null) return;
  for await (const chunk of await zip.openReadStreamPromise(entry)) sink.write(chunk as Buffer);
  sink.end();
}

/** By the bytes: programs write UTF-8 whether they say so or not. */
function nameOf({ fileNameRaw }: Entry): string {
  try {
    return utf8.decode(fileNameRaw);
  } catch {
    const shown = JSON.stringify(fileNameRaw.toString('latin1'));
    throw new ArchiveRefused(`The entry ${shown} of the archive has a name that is not UTF-8.`);
  }
}

/** Programs that are not of Unix tell folders by a slash alone. */
function kindOf({ versionMadeBy, externalFileAttributes, fileNameRaw }: Entry): Pick<ArchiveEntry, 'type' | 'mode'> {
  const bits = versionMadeBy >>> 8 === UNIX ? externalFileAttributes >>> 16 : 0;
  const endsAsFolder = fileNameRaw.at(-1) === 0x2f;
  const type = TYPE_OF_MODE[bits >>> 12] ?? 'other';
  const isFolder = endsAsFolder && (type === 'file' || type === 'directory');
  return { type: isFolder ? 'directory' : type, mode: bits & 0o7777 };
}

async function targetOf(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > ARCHIVE_LIMITS.pathBytes) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

class BytesReader extends yauzl.RandomAccessReader {
  constructor(private readonly source: ArchiveBytes) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.source.range(start, end), { objectMode: false });
  }
}
