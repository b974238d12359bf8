import { ENVIRONMENT_NAME, MODULE_INPUT_TYPES } from '@dibs/shared';
import { isRecord } from '../jobs/spec/environment.js';
import { MAX_ENVIRONMENT_NAME_LENGTH, problemOfEnvironmentName } from '../jobs/spec/environment-names.js';
import { JOB_LIMITS } from '../jobs/spec/job-limits.js';
import { problemOfText } from '../jobs/spec/safe-text.js';
import { UUID } from '../platform/page.js';

/** Set by Dibs when it runs the engine, or read by the engine as more arguments: not for settings. */
const REFUSED_ENGINE_NAMES = /^TF_(CLI_ARGS|INPUT|IN_AUTOMATION|DATA_DIR|REATTACH_PROVIDERS)/;

/** @returns what is wrong with `variables`, as a half sentence; null: nothing */
export function problemOfVariables(value: unknown): string | null {
  return problemOfInputs(value, (name) =>
    ENVIRONMENT_NAME.test(name) && name.length <= MAX_ENVIRONMENT_NAME_LENGTH
      ? null
      : 'must be letters, digits and _, not starting with a digit',
  );
}

/** @returns what is wrong with `environment`, as a half sentence; null: nothing */
export function problemOfInputEnvironment(value: unknown): string | null {
  return problemOfInputs(value, (name) => {
    if (name.startsWith('TF_VAR_')) return 'is a variable of the engine; set it under variables';
    if (REFUSED_ENGINE_NAMES.test(name)) return 'is refused because it changes what the engine is asked to do';
    return problemOfEnvironmentName(name);
  });
}

function problemOfInputs(value: unknown, problemOfName: (name: string) => string | null): string | null {
  if (!isRecord(value)) return 'must be an object of inputs by their names';
  const entries = Object.entries(value);
  if (entries.length > JOB_LIMITS.environmentEntries) {
    return `must have at most ${JOB_LIMITS.environmentEntries} entries`;
  }
  for (const [name, input] of entries) {
    const nameProblem = problemOfName(name);
    // the name came from outside: shown as JSON, cut, so that it cannot break the message
    if (nameProblem) return `has a name, ${JSON.stringify(name.slice(0, 64))}, that ${nameProblem}`;
    const problem = input === null ? null : problemOfInput(input);
    if (problem) return `has an input under ${name} that ${problem}`;
  }
  return null;
}

const PROPERTIES = {
  literal: { value: problemOfValue },
  secret: { value: problemOfSecret },
  output: { moduleId: problemOfId, output: problemOfOutputName },
  namespace: { name: problemOfOutputName },
  none: {},
} satisfies Record<(typeof MODULE_INPUT_TYPES)[number], Record<string, (value: unknown) => string | null>>;

/** Never repeats a value in its answer. */
function problemOfInput(input: unknown): string | null {
  if (!isRecord(input)) return 'must be an object, or null';
  const type = MODULE_INPUT_TYPES.find((each) => each === input.type);
  if (type === undefined) return `must have one of ${MODULE_INPUT_TYPES.join(', ')} as type`;
  const properties: Readonly<Record<string, (value: unknown) => string | null>> = PROPERTIES[type];
  const allowed = ['type', ...Object.keys(properties)];
  if (Object.keys(input).some((name) => !allowed.includes(name))) {
    return `may have no other properties than ${allowed.join(', ')}`;
  }
  for (const [name, problemOf] of Object.entries(properties)) {
    const problem = problemOf(Object.hasOwn(input, name) ? input[name] : undefined);
    if (problem) return `has a ${name} that ${problem}`;
  }
  return null;
}

function problemOfValue(value: unknown): string | null {
  if (typeof value !== 'string') return 'must be a string';
  const { environmentValueBytes } = JOB_LIMITS;
  return Buffer.byteLength(value) > environmentValueBytes
    ? `must have at most ${environmentValueBytes} bytes`
    : problemOfText(value);
}

function problemOfSecret(value: unknown): string | null {
  const problem = problemOfValue(value);
  if (problem) return problem;
  return (value as string).trim().length < JOB_LIMITS.minSecretLength
    ? `must have at least ${JOB_LIMITS.minSecretLength} characters, or it could not be masked in the log`
    : null;
}

function problemOfId(value: unknown): string | null {
  return typeof value === 'string' && UUID.test(value) ? null : 'must be a UUID';
}

function problemOfOutputName(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_-]{0,255}$/.test(value)
    ? null
    : 'must be letters, digits, _ and -, not starting with a digit';
}
