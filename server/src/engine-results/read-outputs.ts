import type { EngineOutput, PropertyProblem } from '@dibs/shared';
import { badRequest } from '../platform/errors.js';

export const MAX_OUTPUTS_BYTES = 4 * 1024 * 1024;
const MAX_OUTPUTS = 10_000;
/** Engines take nearly any name, of letters in any script. */
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;
const MAX_PROBLEMS = 10;

/** @throws AppError 400 that names the first outputs that are wrong */
export function readOutputs(body: unknown): Readonly<Record<string, EngineOutput>> {
  if (!isRecord(body)) throw badRequest('validation_failed', 'The body must be an object of outputs by their names.');
  const entries = Object.entries(body);
  if (entries.length > MAX_OUTPUTS) {
    throw badRequest('validation_failed', `There may be at most ${MAX_OUTPUTS} outputs, not ${entries.length}.`);
  }
  const errors: PropertyProblem[] = [];
  for (const [name, output] of entries) {
    const message = problemOf(name, output);
    if (message !== null) errors.push({ path: name, message });
    if (errors.length === MAX_PROBLEMS) break;
  }
  const [first] = errors;
  if (first)
    throw badRequest('validation_failed', `The output ${JSON.stringify(first.path)} ${first.message}.`, errors);
  return body as Record<string, EngineOutput>;
}

/** @returns what is wrong, as a half sentence; never the value, which may be a secret */
function problemOf(name: string, output: unknown): string | null {
  if (!NAME.test(name)) return 'must have a name of 1 to 256 printable characters';
  if (!isRecord(output)) return 'must be an object with value and sensitive';
  if (!Object.hasOwn(output, 'value')) return 'must have a value';
  if (typeof output['sensitive'] !== 'boolean') return 'must say sensitive: true or false';
  return Object.keys(output).length === 2 ? null : 'may have nothing but value and sensitive';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
