import { isRecord } from './environment.js';
import { JOB_LIMITS } from './job-limits.js';
import { problemOfLine } from './safe-text.js';

const TOOL_NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
const LABEL_KEY = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;

/** @returns what is wrong with `requires.tools`, as a half sentence; null: nothing */
export function problemOfTools(value: unknown): string | null {
  const { tools, toolNameLength } = JOB_LIMITS;
  if (!Array.isArray(value) || value.length > tools) return `must be an array of at most ${tools} names`;
  const wrong = value.some((name) => typeof name !== 'string' || name.length > toolNameLength || !TOOL_NAME.test(name));
  return wrong ? `must hold names of programs: letters, digits and ._+-, at most ${toolNameLength} characters` : null;
}

/** @returns what is wrong with `requires.labels`, as a half sentence; null: nothing */
export function problemOfLabels(value: unknown): string | null {
  const { labels, labelKeyLength, labelValueLength } = JOB_LIMITS;
  if (!isRecord(value)) return 'must be an object whose values are strings';
  const entries = Object.entries(value);
  if (entries.length > labels) return `must have at most ${labels} entries`;
  for (const [key, text] of entries) {
    if (key.length > labelKeyLength || !LABEL_KEY.test(key)) {
      return `must have keys of letters, digits and ._/-, at most ${labelKeyLength} characters`;
    }
    if (typeof text !== 'string' || text.length > labelValueLength) {
      return `must have strings of at most ${labelValueLength} characters as values`;
    }
    const problem = problemOfLine(text);
    if (problem) return `has a value under ${key} that ${problem}`;
  }
  return null;
}
