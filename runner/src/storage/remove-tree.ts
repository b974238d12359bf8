import { chmod, lstat, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a folder with everything in it, also what was made read-only (Go's module cache does). Follows no links. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await makeWritable(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Removes a folder of which only a few files are known to be left: for what most jobs leave, `removeTree` costs several
 * times as much. Not in this thread, see `removeUnflushed`. @returns false: it holds more than that; part of it may be gone
 */
export async function removeSmallFolder(path: string): Promise<boolean> {
  try {
    const names = await readdir(path);
    if (names.length > FEW_FILES) return false;
    for (const name of names) await unlink(join(path, name)); // refuses a folder
    await rmdir(path);
    return true;
  } catch {
    return false;
  }
}

const FEW_FILES = 8;

async function makeWritable(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (!stat?.isDirectory()) return;
  await chmod(path, 0o700).catch(() => undefined);
  for (const name of await readdir(path).catch(() => [])) await makeWritable(join(path, name));
}
