import type { ArchiveFormat } from '../rest/source-archives.js';
import { ArchiveRefused, type ArchiveEntry } from './archive-entry.js';
import { archiveFormatOf, FORMAT_BYTES } from './archive-format.js';
import { ArchiveRules } from './archive-rules.js';
import { readTar } from './read-tar.js';
import { readZip } from './read-zip.js';

/** The bytes of an archive, wherever they are. */
export interface ArchiveBytes {
  readonly bytes: number;
  /** @param end the first one that is not wanted */
  range(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Takes the content of one entry. */
export interface EntrySink {
  write(chunk: Uint8Array): void;
  end(): void;
}

/** @returns null: the content is not wanted */
export type Visit = (entry: ArchiveEntry) => EntrySink | null;

/**
 * Goes through all entries and writes nothing. An archive that passes may be unpacked: a second time through the same bytes finds
 * the same entries.
 *
 * @param readsContent false: the directory of a zip is believed in what it says of sizes
 * @throws ArchiveRefused
 */
export async function checkArchive(
  source: ArchiveBytes,
  { readsContent }: { readonly readsContent: boolean },
): Promise<ArchiveFormat> {
  const rules = new ArchiveRules();
  const sink = readsContent ? { write: () => undefined, end: () => undefined } : null;
  return readArchive(source, (entry) => {
    rules.add(entry);
    return entry.type === 'file' ? sink : null;
  });
}

/** @throws ArchiveRefused, also for what cannot be read; and what `visit`, its sinks and the source throw */
export async function readArchive(source: ArchiveBytes, visit: Visit): Promise<ArchiveFormat> {
  const callers = new ErrorsOfCallers();
  const noted: ArchiveBytes = { bytes: source.bytes, range: (start, end) => callers.chunks(source.range(start, end)) };
  const guarded: Visit = (entry) => {
    const sink = callers.call(() => visit(entry));
    if (sink === null) return null;
    return { write: (chunk) => callers.call(() => sink.write(chunk)), end: () => callers.call(() => sink.end()) };
  };
  try {
    const format = archiveFormatOf(await headOf(noted));
    if (format === 'zip') await readZip(noted, guarded);
    else await readTar(noted.range(0, noted.bytes), format === 'tar.gz', guarded);
    return format;
  } catch (error) {
    if (error instanceof ArchiveRefused || callers.first !== undefined) throw callers.first ?? error;
    throw new ArchiveRefused(`The archive cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

/** Tells a full disk from an archive that is broken: all else that is thrown is about the archive. */
class ErrorsOfCallers {
  first: unknown;

  call<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.first ??= error;
      throw error;
    }
  }

  async *chunks(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* from;
    } catch (error) {
      this.first ??= error;
      throw error;
    }
  }
}

async function headOf(source: ArchiveBytes): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.range(0, Math.min(source.bytes, FORMAT_BYTES))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
