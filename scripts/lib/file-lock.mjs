import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { ownIdentity, stillRuns } from './process-identity.mjs';

/**
 * A lock between processes of one machine: a file that names its holder. One left behind by kill -9 names a process
 * that is gone, and is taken over.
 *
 * @returns {{ release: () => void } | { holder: number }} `holder`: the pid of the living process that has it
 */
export function tryLock(file) {
  const own = JSON.stringify({ ...ownIdentity(), id: randomUUID() });
  const candidate = `${file}.${randomUUID()}`;
  // linked into place complete: nobody ever reads a half-written lock
  fs.writeFileSync(candidate, own, { mode: 0o600 });
  try {
    for (;;) {
      if (linked(candidate, file)) return { release: () => removeIf(file, own) };
      const found = read(file);
      if (found === null) continue;
      const holder = parse(found);
      if (holder && stillRuns(holder)) return { holder: holder.pid };
      removeIf(file, found);
    }
  } finally {
    fs.rmSync(candidate, { force: true });
  }
}

function linked(candidate, file) {
  try {
    fs.linkSync(candidate, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved aside first: somebody else may have taken the lock since we looked, and then gets it back. */
function removeIf(file, expected) {
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== expected) linked(aside, file);
  fs.rmSync(aside, { force: true });
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
