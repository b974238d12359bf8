import { ArchiveRefused, type ArchiveEntry } from './archive-entry.js';

export const ARCHIVE_LIMITS = {
  entries: 20_000,
  unpackedBytes: 512 * 1024 * 1024,
  pathBytes: 1024,
  nameBytes: 255,
  depth: 64,
} as const;

const SETUID_OR_SETGID = 0o6000;
const utf8 = new TextEncoder();

/**
 * What may be in an archive: files, folders, and symbolic links that stay inside, each name once whatever a file system
 * holds to be the same name. Whoever writes the links last, as the runner does, writes nothing through them.
 */
export class ArchiveRules {
  private readonly kinds = new Map<string, { readonly path: string; readonly isFolder: boolean }>();
  private entries = 0;
  private bytes = 0;

  /** @returns the parts of the path; none for the root itself. @throws ArchiveRefused that names the entry */
  add(entry: ArchiveEntry): readonly string[] {
    this.entries += 1;
    if (this.entries > ARCHIVE_LIMITS.entries) {
      throw new ArchiveRefused(`The archive has more than ${ARCHIVE_LIMITS.entries} entries.`);
    }
    const { type, mode } = entry;
    if (type === 'other') throw refused(entry, 'is neither a file, a folder nor a symbolic link');
    const parts = partsOf(entry);
    if (parts.length === 0 && type !== 'directory') throw refused(entry, 'has no name');
    if (type === 'file' && (mode & SETUID_OR_SETGID) !== 0) throw refused(entry, 'has a setuid or setgid bit');
    if (type === 'symlink') assertStaysInside(entry, parts);
    this.count(entry);
    this.place(entry, parts);
    return parts;
  }

  private count(entry: ArchiveEntry): void {
    if (!Number.isSafeInteger(entry.size) || entry.size < 0) throw refused(entry, 'has no size that can be');
    this.bytes += entry.size;
    if (this.bytes > ARCHIVE_LIMITS.unpackedBytes) {
      throw new ArchiveRefused(`The archive has more than ${ARCHIVE_LIMITS.unpackedBytes} bytes unpacked.`);
    }
  }

  private place(entry: ArchiveEntry, parts: readonly string[]): void {
    for (let length = 1; length <= parts.length; length += 1) {
      const path = parts.slice(0, length).join('/');
      const isFolder = length < parts.length || entry.type === 'directory';
      // the same file on file systems that do not tell them apart
      const key = path.normalize('NFC').toLowerCase();
      const there = this.kinds.get(key);
      if (there === undefined) this.kinds.set(key, { path, isFolder });
      else if (there.path !== path)
        throw refused(entry, `differs from ${JSON.stringify(there.path)} in case or accents alone`);
      else if (!there.isFolder && length < parts.length)
        throw refused(entry, `needs ${JSON.stringify(path)} to be a folder`);
      else if (!there.isFolder || !isFolder) throw refused(entry, 'is there twice');
    }
  }
}

/** Without the `./` that tar writes for `.`, and without the slash after a folder. */
function partsOf(entry: ArchiveEntry): string[] {
  const { path } = entry;
  if (path.includes('\uFFFD')) throw refused(entry, 'has a name that is not UTF-8');
  const problem = problemOfText(path);
  if (problem !== null) throw refused(entry, problem);
  if (path.startsWith('/')) throw refused(entry, 'is absolute');
  if (utf8.encode(path).length > ARCHIVE_LIMITS.pathBytes) throw refused(entry, 'has a path that is too long');
  const relative = path.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
  if (relative === '' || relative === '.') return [];
  const parts = relative.split('/');
  if (parts.length > ARCHIVE_LIMITS.depth) throw refused(entry, 'is in too many folders');
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..')
      throw refused(entry, 'has an empty part, "." or ".." in its path');
    // a way to make git run something
    if (part.toLowerCase() === '.git') throw refused(entry, 'leads into .git');
    if (utf8.encode(part).length > ARCHIVE_LIMITS.nameBytes) throw refused(entry, 'has a name that is too long');
  }
  return parts;
}

/**
 * `..` only before everything else: folders of the archive are no links, so that leads where it seems to. After a name it would not,
 * because the name may be a link.
 */
function assertStaysInside(entry: ArchiveEntry, parts: readonly string[]): void {
  const { target } = entry;
  const leadsOut = () => refused(entry, `is a link that leads out, to ${JSON.stringify(target)}`);
  if (target === '' || problemOfText(target) !== null || target.includes('\uFFFD')) {
    throw refused(entry, 'is a link to nothing that can be');
  }
  if (target.startsWith('/') || utf8.encode(target).length > ARCHIVE_LIMITS.pathBytes) throw leadsOut();
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const ups = steps.findIndex((step) => step !== '..');
  const count = ups === -1 ? steps.length : ups;
  if (count > parts.length - 1 || steps.slice(count).includes('..')) throw leadsOut();
  if (steps.some((step) => step.toLowerCase() === '.git')) throw refused(entry, 'leads into .git');
}

function problemOfText(text: string): string | null {
  if (text.includes('\\')) return 'contains a backslash';
  return /\p{Cc}/u.test(text) ? 'contains a control character' : null;
}

function refused({ path }: ArchiveEntry, why: string): ArchiveRefused {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return new ArchiveRefused(`The entry ${JSON.stringify(shown)} of the archive ${why}.`);
}
