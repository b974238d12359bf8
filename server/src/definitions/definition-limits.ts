import { AppError } from '../platform/errors.js';

/** Of the text, and of the settings that are stored where it is put. */
export const MAX_DEFINITION_BYTES = 4 * 1024 * 1024;

/** @throws AppError 422: read or written as one text they would hold up everything else */
export function assertNotTooLarge(bytes: number): void {
  if (bytes <= MAX_DEFINITION_BYTES) return;
  const detail = `The settings here have more than ${MAX_DEFINITION_BYTES} bytes. Take the definitions of the parts inside it one by one.`;
  throw new AppError(422, 'definition_too_large', detail);
}
