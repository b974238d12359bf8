import { JOB_LIMITS } from './job-limits.js';
import { problemOfText } from './safe-text.js';

/** @returns what is wrong with a step's `run`, as a half sentence; null: nothing */
export function problemOfScript(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return 'must be a string with at least one command';
  if (Buffer.byteLength(value) > JOB_LIMITS.runBytes) return `must have at most ${JOB_LIMITS.runBytes} bytes`;
  return problemOfText(value);
}
