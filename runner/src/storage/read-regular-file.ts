import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

class NotReadable extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'NotReadable';
  }
}

/**
 * All bytes of a small file. Links are followed, since that is how Kubernetes mounts its ConfigMaps, but never to a pipe or
 * device, which could be read for ever.
 *
 * @param isWanted told the size before anything is read
 * @returns null: not wanted @throws an Error whose message is the reason, as a half sentence
 */
export async function readRegularFile(path: string, isWanted: (bytes: number) => boolean): Promise<Buffer | null> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const about = await file.stat();
    if (!about.isFile()) throw new NotReadable('is not a file');
    return isWanted(about.size) ? await file.readFile() : null;
  } catch (cause) {
    if (cause instanceof NotReadable) throw cause;
    throw new NotReadable(`cannot be read (${codeOf(cause)})`, { cause });
  } finally {
    await file?.close();
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'error';
}
