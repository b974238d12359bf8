import type { JobId } from '@dibs/shared';
import { badRequest } from '../platform/errors.js';

/** How far back a search has come. Jobs are gone through from the newest on, by their ids, which sort by age. */
export interface SearchPosition {
  /** Jobs with this id and newer ones are done. */
  readonly before: string;
  /** A job that was begun: what of it is done. Then `before` is the id right after its own. */
  readonly within: WithinJob | null;
}

/** Newer attempts are done, and of this one the lines up to a number. */
export interface WithinJob {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly seq: number;
}

export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
export const NO_ID = '00000000-0000-0000-0000-000000000000';

export function behind(jobId: string): SearchPosition {
  return { before: jobId, within: null };
}

export function within(jobId: JobId, attempt: number, seq: number): SearchPosition {
  return { before: idAfter(jobId), within: { jobId, attempt, seq } };
}

export function toCursor({ before, within: inside }: SearchPosition): string {
  const text = inside === null ? before : `${inside.jobId} ${inside.attempt} ${inside.seq}`;
  return Buffer.from(text, 'utf8').toString('base64url');
}

const CURSOR = /^([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?: (\d{1,9}) (\d{1,15}))?$/;

/** @throws AppError 400 `invalid_cursor` */
export function fromCursor(cursor: string): SearchPosition {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match === null) throw badRequest('invalid_cursor', 'cursor must be the nextCursor of an earlier page.');
  const [, id = '', attempt, seq] = match;
  return attempt === undefined ? behind(id) : within(id as JobId, Number(attempt), Number(seq));
}

function idAfter(id: string): string {
  const next = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0').slice(-32);
  return [next.slice(0, 8), next.slice(8, 12), next.slice(12, 16), next.slice(16, 20), next.slice(20)].join('-');
}
