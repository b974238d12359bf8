import type { FileSpec } from '@dibs/shared';
import { closeSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from './create-beneath.js';
import { safePathParts } from './safe-path.js';

interface CheckedFile {
  readonly path: string;
  readonly parts: readonly string[];
  readonly content: string;
}

/**
 * Writes a job's inline files below `folder`. Everything is checked before the first write: each path by itself, against
 * the other paths, and against what is there already (a git checkout may bring symbolic links). The writing itself goes
 * folder by folder from an open one, so that nothing can be put in its way meanwhile. Throws an Error naming the path.
 */
export function writeInlineFiles(folder: string, files: readonly FileSpec[]): void {
  const checked = files.map(({ path, content }) => ({ path, content, parts: safePathParts(path) }));
  refuseCollisions(checked);
  for (const file of checked) refuseWhatIsThere(folder, file);
  for (const file of checked) write(folder, file);
}

/** Twice the same path, or one that is a folder for another. */
function refuseCollisions(files: readonly CheckedFile[]): void {
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) throw new Error(`${JSON.stringify(path)} is given twice`);
    paths.add(path);
  }
  for (const { path, parts } of files) {
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('/');
      if (paths.has(above)) throw new Error(`${JSON.stringify(path)} needs ${JSON.stringify(above)} to be a folder`);
    }
  }
}

function refuseWhatIsThere(folder: string, { path, parts }: CheckedFile): void {
  let at = folder;
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isSymbolicLink()) throw new Error(`${JSON.stringify(path)} leads through a symbolic link`);
    if (index === parts.length - 1) throw new Error(`${JSON.stringify(path)} exists already`);
    if (!stat.isDirectory()) throw new Error(`${JSON.stringify(path)} leads through a file`);
  }
}

function write(folder: string, { path, parts, content }: CheckedFile): void {
  try {
    const file = createFile(folder, parts, 0o600);
    try {
      writeFileSync(file, content);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new Error(`${JSON.stringify(path)} could not be written: ${(error as Error).message}`, { cause: error });
  }
}
