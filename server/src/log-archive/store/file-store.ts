import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ArchiveError, checkStore, type ByteRange, type ObjectStore } from './object-store.js';

/** Files that are not complete. Whoever was killed while it wrote one leaves it behind. */
const INCOMING = 'incoming';
const LEFT_BEHIND_AFTER_MS = 86_400_000;

const SET_UP_WRONGLY = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG']);

/**
 * A folder, perhaps of a network file system that several servers share. A file gets its name when it is complete and on
 * disk, so that what has a name is whole.
 */
export class FileStore implements ObjectStore {
  readonly kind = 'folder';
  readonly location: string;

  private readonly root: string;

  constructor(path: string) {
    this.root = resolve(path);
    this.location = this.root;
  }

  async check(): Promise<void> {
    try {
      await withReason(async () => {
        await mkdir(join(this.root, INCOMING), { recursive: true, mode: 0o700 });
        await this.removeLeftBehind();
      });
      await checkStore(this, `check-${randomUUID()}`);
    } catch (error) {
      // a folder that is full for now is not set up wrongly
      const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? '';
      if (!SET_UP_WRONGLY.has(code)) throw error;
      throw new ArchiveError('refused', (error as Error).message, { cause: error });
    }
  }

  async write(name: string, parts: AsyncIterable<Buffer>): Promise<void> {
    const [path, temporary] = [this.pathOf(name), join(this.root, INCOMING, randomUUID())];
    await withReason(async () => {
      try {
        await writeAll(await open(temporary, 'wx', 0o600), parts);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      // the name is in the folder, and the folder's in the one above
      for (let folder = dirname(path); ; folder = dirname(folder)) {
        await sync(folder);
        if (folder === this.root) break;
      }
    });
  }

  async *read(name: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const part = range ? { start: range.from, end: range.from + range.bytes - 1 } : {};
    try {
      for await (const bytes of createReadStream(this.pathOf(name), part)) yield bytes as Buffer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw reasoned(error);
      // a file system that is not mounted has lost nothing
      await withReason(() => stat(join(this.root, INCOMING)));
      throw new ArchiveError('missing', 'the file is not there', { cause: error });
    }
  }

  async remove(name: string): Promise<void> {
    await withReason(() => rm(this.pathOf(name), { force: true }));
  }

  private pathOf(name: string): string {
    // names are made of ids; what the database says is not believed to be one
    if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name)) throw new ArchiveError('missing', `${name} is no object's name`);
    return join(this.root, name);
  }

  private async removeLeftBehind(): Promise<void> {
    for (const name of await readdir(join(this.root, INCOMING))) {
      const path = join(this.root, INCOMING, name);
      const file = await stat(path).catch(() => null);
      if (file && Date.now() - file.mtimeMs > LEFT_BEHIND_AFTER_MS) await rm(path, { force: true });
    }
  }
}

async function writeAll(file: FileHandle, parts: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const part of parts) await file.appendFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function withReason<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw reasoned(error);
  }
}

/** Only errors of the file system are its own; others come from whoever made the parts. */
function reasoned(error: unknown): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException;
  return syscall === undefined ? error : new ArchiveError('unavailable', message, { cause: error });
}
