/** Longest file name that common file systems take, in bytes. */
const MAX_NAME_BYTES = 255;

/**
 * The parts of a path that stays inside of the folder it is relative to. Throws an Error that says what is wrong.
 * Backslashes and `.git` in any case are refused too: they are a way out on file systems other than this one, and a way
 * to make git run something.
 */
export function safePathParts(path: string): string[] {
  const refuse = (why: string) => new Error(`${JSON.stringify(path)} ${why}`);
  if (path === '') throw refuse('is empty');
  if (path.includes('\0')) throw refuse('contains a NUL');
  if (path.includes('\\')) throw refuse('contains a backslash');
  if (path.startsWith('/')) throw refuse('is absolute');
  const parts = path.split('/');
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') throw refuse('contains an empty part, "." or ".."');
    if (part.toLowerCase() === '.git') throw refuse('leads into .git');
    if (Buffer.byteLength(part) > MAX_NAME_BYTES) throw refuse('has a name that is too long');
  }
  return parts;
}
