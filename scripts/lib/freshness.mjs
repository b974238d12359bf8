import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Below node_modules, so that removing node_modules makes everything stale. */
const STAMPS = path.join('node_modules', '.cache', 'dibs');
const MADE = new Set(['node_modules', 'dist', '.next', 'next-env.d.ts', 'tsconfig.tsbuildinfo']);

/** One hash over the content of files and folders; what is made from them and tests are left out. */
export function hashOf(...paths) {
  const hash = createHash('sha256').update(process.version);
  for (const item of paths) addTo(hash, item);
  return hash.digest('hex');
}

function addTo(hash, item) {
  const found = fs.statSync(item, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory()) {
    hash.update(`${item}\0`).update(fs.readFileSync(item));
    return;
  }
  for (const name of fs.readdirSync(item).sort()) {
    if (!MADE.has(name) && !name.endsWith('.test.ts')) addTo(hash, path.join(item, name));
  }
}

/** Whether `name` was last made from what has this hash, and everything it makes is still there. */
export function isFresh(name, hash, made) {
  try {
    return fs.readFileSync(path.join(STAMPS, name), 'utf8') === hash && made.every((file) => fs.existsSync(file));
  } catch {
    return false;
  }
}

export function markFresh(name, hash) {
  fs.mkdirSync(STAMPS, { recursive: true });
  fs.writeFileSync(path.join(STAMPS, name), hash);
}
