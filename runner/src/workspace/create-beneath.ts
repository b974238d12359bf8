import { closeSync, constants, existsSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Makes a file that was not there, and the folders above it. From one open folder to the next, so that nothing can be put in the way
 * meanwhile. @returns its descriptor, for the caller to close
 */
export function createFile(folder: string, parts: readonly string[], mode: number): number {
  return withParent(folder, parts, (path) => openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
}

/** The same for a symbolic link. */
export function createLink(folder: string, parts: readonly string[], target: string): void {
  withParent(folder, parts, (path) => symlinkSync(target, path));
}

/** Makes a folder, and those above it, where they are not there. */
export function createFolder(folder: string, parts: readonly string[]): void {
  withParent(folder, parts, makeFolder);
}

function withParent<T>(folder: string, parts: readonly string[], create: (path: string) => T): T {
  const open: number[] = [];
  try {
    let at = folder;
    for (const part of parts.slice(0, -1)) {
      at = inside(openFolder(at, open), at, part);
      makeFolder(at);
    }
    return create(inside(openFolder(at, open), at, parts.at(-1) ?? ''));
  } finally {
    for (const handle of open) closeSync(handle);
  }
}

function openFolder(path: string, open: number[]): number {
  const handle = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  open.push(handle);
  return handle;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // It is opened with O_NOFOLLOW and O_DIRECTORY next, so only a real folder is good enough.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Linux has no openat in Node, but a path through the open folder: a link put in the place of the folder does not count. */
const HAS_DESCRIPTOR_PATHS = existsSync('/proc/self/fd');

function inside(handle: number, folder: string, name: string): string {
  return HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${handle}/${name}` : join(folder, name);
}
