import { open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Replaces a JSON file so that after a crash there is either the old or the new content, never a part: written
 * beside it, flushed, renamed, and the folder flushed. Readable by the owner only: these files hold claim tokens.
 */
export async function writeDurably(path: string, content: unknown): Promise<void> {
  const temporary = `${path}.${process.pid}.${(counter += 1)}${TEMPORARY_SUFFIX}`;
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
  await syncFolder(dirname(path));
}

export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
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

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
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
