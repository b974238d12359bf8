import { timeOfId } from './id-time.js';

/**
 * The name of an archived log: a folder for each organization, in it one for each day. It is made of ids alone, so
 * nothing that anybody may choose is part of a path.
 *
 * @param copyId of this copy: no name is ever used twice, so nothing is ever written over
 */
export function archiveName(organizationId: string, jobId: string, attempt: number, copyId: string): string {
  // what an id says may be nonsense, and years after 9999 have a plus sign
  const day = new Date(timeOfId(jobId)).toISOString().split('T')[0]!.replace('+', '');
  return `${organizationId}/${day}/${jobId}-${attempt}-${copyId}.gz`;
}
