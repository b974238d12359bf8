import type { HeldAttempt } from '../protocol/renew.js';
import type { ItemRules } from './plain-list.js';

/** The checks of list items. They mean the same as the decorators of the message classes. */

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const CLAIM_TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const MAX_INTEGER = 2_147_483_647;
/** The last moment a JavaScript Date can name. */
const MAX_DATE_MS = 8.64e15;

/** A UUID as Dibs writes it, in lower case. */
export const isId = (value: unknown): boolean => typeof value === 'string' && ID.test(value);

export const isIntegerFrom = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

export const isExitCode = (value: unknown): boolean =>
  value === null || isIntegerFrom(value, -MAX_INTEGER - 1, MAX_INTEGER);

export const isMoment = (value: unknown): boolean => isIntegerFrom(value, 0, MAX_DATE_MS);

/** @returns whether a value is one of these */
export function isOneOf(values: readonly string[]): (value: unknown) => boolean {
  const known: ReadonlySet<unknown> = new Set(values);
  return (value) => known.has(value);
}

export const HELD_ATTEMPT_RULES: ItemRules<HeldAttempt> = {
  jobId: isId,
  attempt: (value) => isIntegerFrom(value, 1, MAX_INTEGER),
  claimToken: (value) => typeof value === 'string' && CLAIM_TOKEN.test(value),
};
