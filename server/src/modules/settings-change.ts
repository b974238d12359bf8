import { Injectable } from '@nestjs/common';
import type { HierarchyLevel, ModuleInput, ModuleSettings, ModuleSettingsPatch } from '@dibs/shared';
import { mergeSecrets, mergeSettings, type SettingsSecrets } from '../domain/modules/merge-settings.js';
import { badRequest, conflict } from '../platform/errors.js';
import { SecretBox } from '../platform/secret-box.js';
import { problemOfSettings } from './settings-limits.js';

/** What a level sets, as it is stored: the values of secrets apart, and sealed. */
export interface StoredSettings {
  readonly settings: ModuleSettings;
  /** null: there are no secrets */
  readonly sealed: Buffer | null;
}

/** Whose settings they are. */
export interface SettingsOwner {
  readonly level: HierarchyLevel;
  readonly id: string;
}

export const NO_SETTINGS: StoredSettings = { settings: {}, sealed: null };
const NO_SECRETS: SettingsSecrets = { variables: {}, environment: {} };

/** Changes of settings, with the secrets among them. */
@Injectable()
export class SettingsChange {
  constructor(private readonly box: SecretBox) {}

  /** @throws AppError 400 for what this level cannot set, or too much of it */
  apply(owner: SettingsOwner, before: StoredSettings, patch: ModuleSettingsPatch): StoredSettings {
    const settings = mergeSettings(before.settings, patch);
    assertFits(owner, settings);
    if (patch.variables === undefined && patch.environment === undefined) return { settings, sealed: before.sealed };
    const secrets = mergeSecrets(this.secretsOf(owner, before.sealed), patch);
    const problem = problemOfSettings(settings, secrets);
    if (problem !== null) throw refused(problem.path, problem.message);
    const count = Object.keys(secrets.variables).length + Object.keys(secrets.environment).length;
    const sealed = count === 0 ? null : this.box.seal(JSON.stringify(secrets), contextOf(owner));
    return { settings, sealed };
  }

  /** @throws AppError 409 when they cannot be opened */
  secretsOf(owner: SettingsOwner, sealed: Buffer | null): SettingsSecrets {
    if (sealed === null) return NO_SECRETS;
    try {
      return JSON.parse(this.box.open(sealed, contextOf(owner))) as SettingsSecrets;
    } catch {
      const detail = 'The secrets that are set here cannot be opened: was the encryption key of the server changed?';
      throw conflict('secrets_unreadable', detail);
    }
  }
}

/** The modules whose outputs the settings take, each once. */
export function takenModulesOf(settings: ModuleSettings): string[] {
  const ids = inputsOf(settings).flatMap(([, input]) => (input.type === 'output' ? [input.moduleId] : []));
  return [...new Set(ids)];
}

function assertFits({ level, id }: SettingsOwner, settings: ModuleSettings): void {
  for (const [path, input] of inputsOf(settings)) {
    if (input.type === 'namespace' && level !== 'module') {
      throw refused(path, 'may be of the type namespace in the settings of a module only');
    }
    if (input.type === 'output' && input.moduleId === id)
      throw refused(path, 'must not take an output of its own module');
  }
  const problem = problemOfSettings(settings, NO_SECRETS);
  if (problem !== null) throw refused(problem.path, problem.message);
}

function inputsOf({ variables, environment }: ModuleSettings): [path: string, ModuleInput][] {
  const named = (of: string, inputs: ModuleSettings['variables']): [string, ModuleInput][] =>
    Object.entries(inputs ?? {}).map(([name, input]) => [`settings.${of}.${name}`, input]);
  return [...named('variables', variables), ...named('environment', environment)];
}

/** Binds sealed secrets to the level they are of: moved to another row they do not open. */
function contextOf({ level, id }: SettingsOwner): string {
  return `settings:${level}:${id}`;
}

function refused(path: string, message: string) {
  return badRequest('validation_failed', `${path} ${message}.`, [{ path, message }]);
}
