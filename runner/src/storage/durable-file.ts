import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile, readdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Replaces a JSON file so that after a crash there is either the old or the new content, never a part: written
 * beside it, flushed, renamed, and the folder flushed. Readable by the owner only: these files hold claim tokens.
 */
export async function writeDurably(path: string, content: unknown): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(content));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFile(dirname(path));
}

/**
 * Replaces a small JSON file so that a kill -9 of this process leaves the old or the new content; not flushed, so a crash
 * of the host may leave none, or a part, which `readStored` calls unreadable. In this thread, because a hop to another
 * one and back costs more than the write. @throws when the disk refuses
 */
export function writeQuickly(path: string, content: unknown): void {
  const temporary = temporaryOf(path);
  try {
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * The same for a file of which a part is as good as none: a kill -9 of this process may leave one, and `readStored` calls
 * it unreadable. Saves the second name, and every change of names can have to wait for what others flush to the same
 * disk. @throws when the disk refuses
 */
export function writeAtOnce(path: string, content: unknown): void {
  try {
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/**
 * Not flushed either. Not in this thread: on ext4 a removal, unlike a new file, waits when the disk is just being flushed
 * for somebody else, and that can take several milliseconds.
 */
export async function removeUnflushed(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Flushes what `writeQuickly` wrote; a file that is gone needs it no more. */
export async function flushWritten(path: string): Promise<void> {
  try {
    await syncFile(path);
    await syncFile(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFile(dirname(path));
}

export interface StoredFile {
  readonly path: string;
  /** undefined: not readable as JSON. */
  readonly content: unknown;
}

/** All JSON files of a folder. Leftovers of writes that a crash interrupted are removed. */
export async function readStored(folder: string): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if (name.endsWith(TEMPORARY_SUFFIX)) await rm(path, { force: true });
    else if (name.endsWith('.json')) stored.push({ path, content: parse(await readFile(path, 'utf8')) });
  }
  return stored;
}

const TEMPORARY_SUFFIX = '.tmp';
let counter = 0;

function temporaryOf(path: string): string {
  return `${path}.${process.pid}.${(counter += 1)}${TEMPORARY_SUFFIX}`;
}

/** A folder is flushed the same way. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
