import { AppError, badRequest } from '../errors.js';

export const JSON_BODY_LIMIT_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;
/** Keys that reach the prototype of whatever object they are copied into. */
const DANGEROUS_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const NUL = '\0';
/** With the `u` flag this matches only surrogates without their other half. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON as this server takes it. What PostgreSQL could not store (NUL, broken Unicode) is refused here, once, instead
 * of failing as a server error wherever it is written.
 *
 * @returns undefined for an empty body
 * @throws AppError 400
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const value = parse(body);
  refuseHostile(value, 1);
  return value;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch (cause) {
    throw new AppError(400, 'malformed_json', 'The body is not valid JSON in UTF-8.', { cause });
  }
}

function refuseHostile(value: unknown, depth: number): void {
  if (typeof value === 'string') return refuseUnstorable(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw badRequest('too_deep', `The body may be nested ${MAX_DEPTH} levels deep at most.`);
  if (Array.isArray(value)) {
    for (const item of value) refuseHostile(item, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (problemOfName(key)) throw badRequest('forbidden_property', `A property may not be named "${key}".`);
    refuseUnstorable(key);
    refuseHostile(item, depth + 1);
  }
}

function refuseUnstorable(text: string): void {
  const problem = problemOfText(text);
  if (problem !== null) throw badRequest('forbidden_character', `${problem}.`);
}

/** @returns what is wrong with the text of any value; null: nothing */
export function problemOfText(text: string): string | null {
  if (text.includes(NUL)) return 'Text may not contain the NUL character';
  return LONE_SURROGATE.test(text) ? 'Text must be well-formed Unicode' : null;
}

/** @returns what is wrong with the name of any property; null: nothing */
export function problemOfName(name: string): string | null {
  return DANGEROUS_KEYS.has(name) ? `a property may not be named "${name}"` : null;
}
