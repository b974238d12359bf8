import type { ModuleSettings } from '@dibs/shared';
import { isRecord } from '../jobs/spec/environment.js';
import { AppError } from '../platform/errors.js';
import { createValidationPipe } from '../platform/http/validation.pipe.js';
import { UpdateOrganizationSettingsDto } from '../modules/dto/hierarchy.dto.js';
import { problemOfHooks } from '../modules/hooks.js';
import { problemOfInputEnvironment, problemOfVariables } from '../modules/inputs.js';
import { problemOfModuleFiles } from '../modules/module-files.js';
import type { DefinedNode } from './defined-node.js';
import type { DefinitionProblems } from './definition-text.js';
import { ENTRY_SETTINGS, type WantedSettings } from './settings-difference.js';

const INPUTS = ['variables', 'environment'] as const;
/** Stands for the value of a secret that stays as it is while the settings are checked; it is never stored. */
const STANDS_FOR_A_SECRET = 'kept as it is';

const pipe = createValidationPipe();
const ENTRY_CHECKS: Readonly<Record<(typeof ENTRY_SETTINGS)[number], (value: unknown) => string | null>> = {
  variables: problemOfVariables,
  environment: problemOfInputEnvironment,
  files: problemOfModuleFiles,
  hooks: problemOfHooks,
};

/**
 * The settings of a node, checked by the rules of every change of settings. What is wrong is added to the problems.
 *
 * @param idOf of a module, by the path that the definition has for it; null: there is none
 */
export async function wantedSettings(
  node: DefinedNode,
  idOf: (path: string) => string | null,
  problems: DefinitionProblems,
): Promise<WantedSettings> {
  const at = [...node.at, 'settings'];
  const settings: Record<string, unknown> = withoutNull(node.settings);
  const kept = new Set<string>();
  for (const kind of INPUTS) {
    const inputs = settings[kind];
    if (!isRecord(inputs)) continue;
    settings[kind] = Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => {
        if (isSecretWithoutValue(input)) {
          kept.add(`${kind}.${name}`);
          return [name, { ...input, value: STANDS_FOR_A_SECRET }];
        }
        return [name, withModuleId(input, [...at, kind, name], idOf, problems)];
      }),
    );
  }
  await check(settings, at, problems);
  return {
    settings: settings,
    isKept: (setting, entry) => kept.has(`${setting}.${entry}`),
  };
}

/** Secrets that are to stay although none is stored. */
export function missingSecrets(wanted: WantedSettings, stored: ModuleSettings): string[][] {
  return INPUTS.flatMap((kind) =>
    Object.keys(wanted.settings[kind] ?? {})
      .filter((name) => wanted.isKept(kind, name) && stored[kind]?.[name]?.type !== 'secret')
      .map((name) => [kind, name]),
  );
}

/** The modules whose outputs the node takes, by the paths that the definition has for them. */
export function takenPathsOf({ settings }: DefinedNode): string[] {
  return INPUTS.flatMap((kind) => (isRecord(settings[kind]) ? Object.values(settings[kind]) : [])).flatMap((input) =>
    isOutput(input) && typeof input.module === 'string' ? [input.module] : [],
  );
}

function withModuleId(
  input: unknown,
  at: readonly string[],
  idOf: (path: string) => string | null,
  problems: DefinitionProblems,
): unknown {
  if (!isOutput(input)) return input;
  const { module: path, moduleId, ...rest } = input;
  const id = typeof path === 'string' ? idOf(path) : null;
  if (moduleId !== undefined) {
    problems.add([...at, 'moduleId'], 'an output names its module by its path, under module');
  } else if (typeof path !== 'string') {
    problems.add([...at, 'module'], 'module must be the path of the module whose output it is, as in prod/network/vpc');
  } else if (id === null) {
    problems.add(
      [...at, 'module'],
      `there is no module ${JSON.stringify(path.slice(0, 310))}, neither here nor in the definition`,
    );
  }
  // any id, so that whatever else is wrong with it is told as well
  return { ...rest, moduleId: id ?? '00000000-0000-0000-0000-000000000000' };
}

async function check(settings: object, at: readonly string[], problems: DefinitionProblems): Promise<void> {
  try {
    await pipe.transform({ settings }, { type: 'body', metatype: UpdateOrganizationSettingsDto });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    for (const { path, message } of error.errors ?? [{ path: 'settings', message: error.detail }]) {
      const inner = path.split('.').slice(1);
      const entries = problemsOfEntries(inner[0], settings);
      for (const entry of entries) problems.add([...at, ...entry.path], entry.message);
      if (entries.length === 0) problems.add([...at, ...inner], message);
    }
  }
}

/** The rules speak of all entries together; of whoever looks for the line, each one alone is asked. */
function problemsOfEntries(setting: string | undefined, settings: object) {
  const name = ENTRY_SETTINGS.find((each) => each === setting);
  const entries = name === undefined ? null : (settings as Record<string, unknown>)[name];
  if (name === undefined || !isRecord(entries)) return [];
  return Object.entries(entries).flatMap(([entry, value]) => {
    const problem = ENTRY_CHECKS[name]({ [entry]: value });
    return problem === null ? [] : [{ path: [name, entry], message: `${name} ${problem}` }];
  });
}

/** A property without a value, in settings or in an entry of them, says nothing. */
function withoutNull(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(settings).filter(([, value]) => value !== null);
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      (ENTRY_SETTINGS as readonly string[]).includes(name) && isRecord(value)
        ? Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null))
        : value,
    ]),
  );
}

function isSecretWithoutValue(input: unknown): input is object {
  return isRecord(input) && input.type === 'secret' && !Object.hasOwn(input, 'value');
}

function isOutput(input: unknown): input is Record<string, unknown> {
  return isRecord(input) && input.type === 'output';
}
