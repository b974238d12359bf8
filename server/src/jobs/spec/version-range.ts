import { problemOfTools } from './requirements.js';

/** @returns what is wrong with a range of versions as npm writes them, as a half sentence; null: nothing */
export function problemOfVersionRange(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return 'must be a range of versions such as >=1.5 <2';
  // what runners are asked for in the end is a tool with a range
  return problemOfTools([`engine@${value}`]);
}
