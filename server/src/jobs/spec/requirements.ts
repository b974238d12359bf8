import { MAX_RANGE_LENGTH, isToolName, toolRequirementOf } from '../../domain/dispatch/tool-requirement.js';
import { isRecord } from './environment.js';
import { JOB_LIMITS } from './job-limits.js';
import { problemOfLine } from './safe-text.js';

const LABEL_KEY = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;
/** A wrong requirement is repeated to its author, but not all of a megabyte. */
const SHOWN_LENGTH = 60;

/** @returns what is wrong with `requires.tools`, as a half sentence; null: nothing */
export function problemOfTools(value: unknown): string | null {
  const { tools } = JOB_LIMITS;
  if (!Array.isArray(value) || value.length > tools) return `must be an array of at most ${tools} names`;
  for (const tool of value as unknown[]) {
    const problem = problemOfTool(tool);
    if (problem !== null) return problem;
  }
  return null;
}

function problemOfTool(tool: unknown): string | null {
  const { toolNameLength } = JOB_LIMITS;
  if (typeof tool !== 'string') return 'must hold strings';
  const [name = '', ...range] = tool.split('@');
  if (name.length > toolNameLength || !isToolName(name)) {
    return `must hold names of programs (letters, digits and ._+-, at most ${toolNameLength} characters), with a range of versions behind an @ if need be`;
  }
  if (range.join('@').length > MAX_RANGE_LENGTH) {
    return `has a range of versions with more than ${MAX_RANGE_LENGTH} characters`;
  }
  if (toolRequirementOf(tool) !== null) return null;
  return `has a range of versions that cannot be read: ${shown(tool)} (write it as in terraform@>=1.5 <2)`;
}

/** Control characters in an answer would end up in somebody's terminal. */
function shown(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return plain.length <= SHOWN_LENGTH ? plain : `${plain.slice(0, SHOWN_LENGTH)}…`;
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
