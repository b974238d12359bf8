import { ENGINES, ENGINE_PHASES, type EngineName, type EnginePhase } from '@dibs/shared';
import { isRecord } from '../jobs/spec/environment.js';
import { problemOfRelativePath } from '../jobs/spec/safe-path.js';
import { problemOfLine } from '../jobs/spec/safe-text.js';

export const MAX_FLAGS = 50;
const MAX_FLAG_LENGTH = 1024;
/** A wrong flag is repeated to its author, but not all of it. */
const SHOWN_LENGTH = 60;

type FlagsOfEngine = Partial<Readonly<Record<EnginePhase, readonly string[]>>>;

/**
 * Flags that change how thoroughly an engine works, not what it is asked to do: none that goes on without the lock, takes
 * its state, its plugins or its plan from elsewhere, or approves. Behind the `=` the kind of value.
 */
const TERRAFORM: FlagsOfEngine = {
  init: ['-upgrade', '-reconfigure', '-lockfile=readonly', '-lock-timeout=DURATION'],
  validate: ['-no-tests'],
  plan: [
    '-refresh=BOOLEAN',
    '-target=ADDRESS',
    '-replace=ADDRESS',
    '-var-file=PATH',
    '-parallelism=NUMBER',
    '-lock-timeout=DURATION',
    '-compact-warnings',
  ],
  apply: ['-parallelism=NUMBER', '-lock-timeout=DURATION', '-compact-warnings'],
};
const FLAGS: Readonly<Record<EngineName, FlagsOfEngine>> = {
  terraform: TERRAFORM,
  tofu: { ...TERRAFORM, plan: [...TERRAFORM.plan!, '-exclude=ADDRESS'] },
  pulumi: {
    plan: ['--refresh=BOOLEAN', '--target=ADDRESS', '--replace=ADDRESS', '--target-dependents', '--parallel=NUMBER'],
    apply: ['--parallel=NUMBER'],
  },
};

const VALUES: Readonly<Record<string, (value: string) => boolean>> = {
  readonly: (value) => value === 'readonly',
  BOOLEAN: (value) => value === 'true' || value === 'false',
  NUMBER: (value) => /^[1-9]\d{0,2}$/.test(value),
  DURATION: (value) => /^\d{1,5}[smh]$/.test(value),
  ADDRESS: (value) => value.trim() !== '',
  PATH: (value) => !value.startsWith('-') && problemOfRelativePath(value) === null,
};

/** @returns what is wrong with `flags`, whatever the engine, as a half sentence; null: nothing */
export function problemOfFlags(value: unknown): string | null {
  if (!isRecord(value)) return 'must be an object of lists of flags by the calls they are for';
  for (const [phase, flags] of Object.entries(value)) {
    if (!isPhase(phase)) {
      return `has flags for ${shown(phase)}; calls that take flags are ${ENGINE_PHASES.filter(takesFlags).join(', ')}`;
    }
    const problem = problemOfList(flags, allowedFlags(phase, ENGINES));
    if (problem) return `has, for ${phase}, ${problem}`;
  }
  return null;
}

/** @returns the first of the flags that this engine is not given, in a half sentence; null: all are fine */
export function problemOfFlagsOf(engine: EngineName, flags: Partial<Record<EnginePhase, readonly string[]>>) {
  for (const [phase, list] of Object.entries(flags)) {
    const problem = problemOfList(list, allowedFlags(phase as EnginePhase, [engine]));
    if (problem) return `has, for ${phase} of ${engine}, ${problem}`;
  }
  return null;
}

function problemOfList(flags: unknown, allowed: readonly string[]): string | null {
  if (!Array.isArray(flags) || flags.length > MAX_FLAGS) return `no list of at most ${MAX_FLAGS} flags`;
  const wrong = (flags as unknown[]).find((flag) => !allowed.some((pattern) => matches(flag, pattern)));
  if (wrong === undefined) return null;
  const known = allowed.length === 0 ? 'none is allowed' : `allowed are ${allowed.join(', ')}`;
  return `${typeof wrong === 'string' ? `the flag ${shown(wrong)}` : 'something that is no string'}; ${known}`;
}

function matches(flag: unknown, pattern: string): boolean {
  if (typeof flag !== 'string' || flag.length > MAX_FLAG_LENGTH || problemOfLine(flag) !== null) return false;
  const [name = '', kind] = pattern.split('=');
  if (kind === undefined) return flag === name;
  return flag.startsWith(`${name}=`) && VALUES[kind]!(flag.slice(name.length + 1));
}

function allowedFlags(phase: EnginePhase, engines: readonly EngineName[]): string[] {
  return [...new Set(engines.flatMap((engine) => FLAGS[engine][phase] ?? []))];
}

function takesFlags(phase: EnginePhase): boolean {
  return allowedFlags(phase, ENGINES).length > 0;
}

function isPhase(text: string): text is EnginePhase {
  return ENGINE_PHASES.some((phase) => phase === text);
}

/** It came from outside: shown as JSON, cut, so that it cannot break the message. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_LENGTH));
}
