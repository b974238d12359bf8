import { AppError } from '../platform/errors.js';

/** @param within what `source` is in, with a dot */
export function unknownArchive(sha256: string, within = ''): AppError {
  const path = `${within}source.sha256`;
  const message = `is not the SHA-256 of an archive that is here: ${sha256}. Upload it to /api/v1/source-archives first`;
  return new AppError(422, 'unknown_archive', `${path} ${message}.`, {
    errors: [{ path, message }],
  });
}
