/** Reading archives, for server and runner: a part of its own, because it needs Node. */
export { ArchiveRefused } from './archive-entry.js';
export { ARCHIVE_LIMITS, ArchiveRules } from './archive-rules.js';
export { checkArchive, readArchive, type ArchiveBytes } from './read-archive.js';
