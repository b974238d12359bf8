import { problemOfEnvironmentName } from './environment-names.js';
import { JOB_LIMITS } from './job-limits.js';
import { problemOfText } from './safe-text.js';

/** @returns what is wrong with `env`, as a half sentence; null: nothing */
export function problemOfEnvironment(value: unknown): string | null {
  if (!isRecord(value)) return 'must be an object whose values are strings';
  const entries = Object.entries(value);
  if (entries.length > JOB_LIMITS.environmentEntries)
    return `must have at most ${JOB_LIMITS.environmentEntries} entries`;
  let bytes = 0;
  for (const [name, text] of entries) {
    const problem = problemOfEntry(name, text);
    if (problem) return problem;
    bytes += name.length + Buffer.byteLength(text as string);
  }
  return bytes > JOB_LIMITS.environmentBytes ? `must have at most ${JOB_LIMITS.environmentBytes} bytes in sum` : null;
}

/** Like `env`, and every value long enough to be masked. Never repeats a value in its answer. */
export function problemOfSecrets(value: unknown): string | null {
  const problem = problemOfEnvironment(value);
  if (problem) return problem;
  const short = Object.entries(value as Record<string, string>).find(
    ([, secret]) => secret.trim().length < JOB_LIMITS.minSecretLength,
  );
  if (!short) return null;
  return `has a value under ${short[0]} with fewer than ${JOB_LIMITS.minSecretLength} characters, which cannot be masked in the log`;
}

function problemOfEntry(name: string, text: unknown): string | null {
  const problem = problemOfEnvironmentName(name);
  // the name came from outside: shown as JSON, cut, so that it cannot break the message
  if (problem) return `has a name, ${JSON.stringify(name.slice(0, 64))}, that ${problem}`;
  if (typeof text !== 'string') return `must have a string under ${name}`;
  if (Buffer.byteLength(text) > JOB_LIMITS.environmentValueBytes) {
    return `must have at most ${JOB_LIMITS.environmentValueBytes} bytes under ${name}`;
  }
  const textProblem = problemOfText(text);
  return textProblem ? `has a value under ${name} that ${textProblem}` : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
