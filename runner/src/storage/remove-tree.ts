import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
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
 * Removes a folder of which only a few files are known to be left, in this thread: for what most jobs leave, `removeTree`
 * costs several times as much. @returns false: it holds more than that; part of it may be gone
 */
export function removeSmallFolder(path: string): boolean {
  try {
    const names = readdirSync(path);
    if (names.length > FEW_FILES) return false;
    for (const name of names) unlinkSync(join(path, name)); // refuses a folder
    rmdirSync(path);
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
