export interface ByteRange {
  readonly from: number;
  readonly bytes: number;
}

/** A place for objects that are written once and never changed. Every refusal is an `ArchiveError`. */
export interface ObjectStore {
  /** For operators, without secrets. */
  readonly location: string;
  /** For whoever reads logs. */
  readonly kind: 'folder' | 'S3 store';
  /** Writes, reads and removes something small. */
  check(): Promise<void>;
  /** All of it or nothing, durable when it resolves. Errors of `parts` come through as they are. */
  write(name: string, parts: AsyncIterable<Buffer>): Promise<void>;
  /** Fewer bytes than asked for when the object is too short. */
  read(name: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Nothing happens when there is no such object. */
  remove(name: string): Promise<void>;
}

/**
 * - `unavailable`: later it may go well
 * - `refused`: not before somebody changed the settings, here or there
 * - `missing`: there is no such object, or not all of it
 */
export type ArchiveErrorKind = 'unavailable' | 'refused' | 'missing';

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  /** @param message one sentence without secrets */
  constructor(
    readonly kind: ArchiveErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export async function bytesOf(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const part of parts) read.push(part);
  return Buffer.concat(read);
}

const CHECKED = Buffer.from('Dibs writes, reads and removes this when it starts.\n');

/** @param name of an object that nobody else uses */
export async function checkStore(store: ObjectStore, name: string): Promise<void> {
  await store.write(name, only(CHECKED));
  const range = { from: 5, bytes: 6 };
  const read = await bytesOf(store.read(name, range));
  await store.remove(name);
  if (!read.equals(CHECKED.subarray(range.from, range.from + range.bytes))) {
    throw new ArchiveError('refused', 'it does not answer with the part of an object that was asked for');
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a source of parts
async function* only(part: Buffer): AsyncGenerator<Buffer> {
  yield part;
}
