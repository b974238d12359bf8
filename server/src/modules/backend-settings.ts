import { isRecord } from '../jobs/spec/environment.js';
import { problemOfText } from '../jobs/spec/safe-text.js';

const MAX_ENTRIES = 50;
const MAX_VALUE_BYTES = 16 * 1024;
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;

/** @returns what is wrong with `backend`, as a half sentence that repeats no value; null: nothing */
export function problemOfBackend(value: unknown): string | null {
  if (!isRecord(value)) return 'must be an object whose values are strings';
  const entries = Object.entries(value);
  if (entries.length > MAX_ENTRIES) return `must have at most ${MAX_ENTRIES} entries`;
  for (const [name, text] of entries) {
    if (!NAME.test(name)) return 'must have names of letters, digits, _ and -, not starting with a digit';
    if (typeof text !== 'string' || Buffer.byteLength(text) > MAX_VALUE_BYTES) {
      return `must have a string of at most ${MAX_VALUE_BYTES} bytes under ${name}`;
    }
    const problem = problemOfText(text);
    if (problem) return `has a value under ${name} that ${problem}`;
  }
  return null;
}

/** A workspace of terraform or tofu, or a stack of pulumi, which may name its organization and project before it. */
export function problemOfWorkspace(value: unknown): string | null {
  return typeof value === 'string' &&
    value.length <= 200 &&
    /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*){0,2}$/.test(value)
    ? null
    : 'must be 1 to 200 letters, digits and ._-, for a stack of pulumi with its organization and project and / before it';
}
