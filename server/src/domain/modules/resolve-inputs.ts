import { engineVariable } from '@dibs/shared';
import type { EffectiveInput, EffectiveSettings, EngineName, EngineOutput, SettingOrigin } from '@dibs/shared';

export type InputKind = 'variables' | 'environment';
const KINDS = ['variables', 'environment'] as const satisfies readonly InputKind[];

/** An output of another module. */
export interface OutputReference {
  readonly moduleId: string;
  readonly output: string;
}

/** Where the values of inputs are found. */
export interface InputValues {
  /** Of a secret as a level sets it; undefined: there is none. */
  secretOf(origin: SettingOrigin, kind: InputKind, name: string): string | undefined;
  /** null: never put out */
  outputOf(reference: OutputReference): EngineOutput | null;
  /** What keeps a value out of an environment, as a half sentence; null: nothing */
  problemOfValue(value: string): string | null;
}

export interface InputProblem {
  /** As in `variables.region`. */
  readonly path: string;
  readonly message: string;
  /** true: it has none yet, since the module that it is an output of has not put it out. */
  readonly isYetToCome: boolean;
}

/** The inputs as the environment of a job, those that nobody may see apart. */
export interface ResolvedInputs {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Those inputs that have no value. */
  readonly problems: readonly InputProblem[];
}

/** All outputs of other modules that count, each once. */
export function outputReferences(settings: Pick<EffectiveSettings, InputKind>): OutputReference[] {
  const references = KINDS.flatMap((kind) =>
    Object.values(settings[kind]).flatMap(({ value }) => (value.type === 'output' ? [value] : [])),
  );
  const byKey = new Map(references.map(({ moduleId, output }) => [keyOf({ moduleId, output }), { moduleId, output }]));
  return [...byKey.values()];
}

/** One that can be compared. */
export function keyOf({ moduleId, output }: OutputReference): string {
  return `${moduleId}/${output}`;
}

/** Values for all inputs of a module. One that has none is a problem, and is left out. */
export function resolveInputs(
  engine: EngineName,
  settings: Pick<EffectiveSettings, InputKind>,
  values: InputValues,
): ResolvedInputs {
  const [env, secrets, problems]: [[string, string][], [string, string][], InputProblem[]] = [[], [], []];
  for (const kind of KINDS) {
    for (const [name, input] of Object.entries(settings[kind])) {
      const resolved = resolve(kind, input, values);
      const problem = typeof resolved === 'string' ? resolved : values.problemOfValue(resolved.text);
      if (problem !== null) {
        const isYetToCome = typeof resolved === 'string' && input.value.type === 'output';
        problems.push({ path: `${kind}.${name}`, message: problem, isYetToCome });
      }
      if (typeof resolved === 'string' || problem !== null) continue;
      const variable = kind === 'variables' ? engineVariable(engine, name) : name;
      (resolved.isSecret ? secrets : env).push([variable, resolved.text]);
    }
  }
  return { env: Object.fromEntries(env), secrets: Object.fromEntries(secrets), problems };
}

interface Resolved {
  readonly text: string;
  readonly isSecret: boolean;
}

/** @returns what is wrong, as a half sentence, when there is no value */
function resolve(kind: InputKind, { value, origin, name }: EffectiveInput, values: InputValues): Resolved | string {
  switch (value.type) {
    case 'literal':
      return { text: value.value, isSecret: false };
    case 'secret': {
      const text = values.secretOf(origin, kind, name);
      return text === undefined ? 'has lost its secret value; set it again' : { text, isSecret: true };
    }
    case 'output': {
      const found = values.outputOf(value);
      if (found === null)
        return `takes the output ${value.output} of module ${value.moduleId}, which was never put out`;
      const text = typeof found.value === 'string' ? found.value : JSON.stringify(found.value);
      return { text, isSecret: found.sensitive };
    }
    case 'namespace':
      return `takes ${value.name} from the namespace, which has nothing under that name`;
    case 'none':
      return 'has no value';
  }
}
