import type { LogArchiveSettings } from '../../platform/log-archive-settings.js';
import { StartupError } from '../../platform/startup-error.js';
import { FileStore } from './file-store.js';
import { ArchiveError, type ObjectStore } from './object-store.js';
import { S3Store } from './s3-store.js';

/**
 * @param warn told when the archive does not answer: the server starts all the same, because its work is to run jobs
 * @throws StartupError when it refuses what the server must do there
 */
export async function openLogArchive(
  settings: LogArchiveSettings,
  warn: (details: object, message: string) => void,
): Promise<ObjectStore | null> {
  if (settings === null) return null;
  const store = settings.kind === 'folder' ? new FileStore(settings.path) : new S3Store(settings);
  try {
    await store.check();
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    if (error.kind !== 'unavailable') {
      const needs = settings.kind === 'folder' ? NEEDS_OF_FOLDER : NEEDS_OF_S3;
      throw new StartupError(`DIBS_LOG_ARCHIVE: ${store.location}: ${error.message}; ${needs}`, { cause: error });
    }
    warn({ archive: store.location, reason: error.message }, 'the log archive does not answer; it is tried again');
  }
  return store;
}

const NEEDS_OF_FOLDER = 'must be a folder that this user may create, read and write';
const NEEDS_OF_S3 =
  'must be a bucket that exists, and DIBS_LOG_ARCHIVE_S3_ENDPOINT, _REGION, _ACCESS_KEY_ID and _SECRET_ACCESS_KEY ' +
  'those of somebody who may put, get and delete objects in it';
