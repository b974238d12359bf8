import type {
  ModuleHook,
  ModuleHookBody,
  ModuleInput,
  ModuleInputBody,
  ModuleSettings,
  ModuleSettingsPatch,
} from '@dibs/shared';
import { filledSource } from '../sources/filled-source.js';
import { DEFAULT_APPROVAL } from './approval.js';

/** The values of the secrets that one level sets. */
export interface SettingsSecrets {
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

type Entries<Value> = Readonly<Record<string, Value>>;

/**
 * What a level sets after a change: what the patch does not name stays, null takes the level's own value away. Without the
 * values of secrets, which `mergeSecrets` keeps.
 */
export function mergeSettings(settings: ModuleSettings, patch: ModuleSettingsPatch): ModuleSettings {
  const merged = {
    ...settings,
    ...completed(patch),
    variables: mergeEntries(settings.variables, patch.variables, withoutSecret),
    environment: mergeEntries(settings.environment, patch.environment, withoutSecret),
    files: mergeEntries(settings.files, patch.files, (file) => file),
    hooks: mergeEntries(settings.hooks, patch.hooks, withShell),
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** The values of secrets after the same change; a secret that became something else is gone. */
export function mergeSecrets(secrets: SettingsSecrets, patch: ModuleSettingsPatch): SettingsSecrets {
  const merge = (own: Entries<string>, changes: Entries<ModuleInputBody | null> | null | undefined): Entries<string> =>
    (mergeEntries<string | null, ModuleInputBody>(own, changes, (input) =>
      input.type === 'secret' ? input.value : null,
    ) as Entries<string> | null) ?? {};
  return {
    variables: merge(secrets.variables, patch.variables),
    environment: merge(secrets.environment, patch.environment),
  };
}

/** @returns null: there are none left */
function mergeEntries<Value, Change>(
  own: Entries<Value> | undefined,
  changes: Entries<Change | null> | null | undefined,
  valueOf: (change: Change) => Value,
): Entries<Value> | null {
  if (changes === null) return null;
  const changed = Object.entries(changes ?? {}).map(
    ([name, change]) => [name, change === null ? null : valueOf(change)] as const,
  );
  const entries = [...new Map<string, Value | null>([...Object.entries(own ?? {}), ...changed])];
  const left = entries.filter(([, value]) => value !== null);
  return left.length === 0 ? null : (Object.fromEntries(left) as Entries<Value>);
}

function withoutSecret(input: ModuleInputBody): ModuleInput {
  if (input.type === 'secret') return { type: 'secret' };
  // in the one spelling in which ids are stored and compared
  return input.type === 'output' ? { ...input, moduleId: input.moduleId.toLowerCase() } : input;
}

function withShell(hook: ModuleHookBody): ModuleHook {
  return hook.type === 'none' ? hook : { ...hook, shell: hook.shell ?? 'bash' };
}

/** Without what was left out, and with every part of what was not. */
function completed({ engine, placement, source, approval, ...rest }: ModuleSettingsPatch): object {
  const filled = {
    ...rest,
    engine: engine && { name: engine.name, version: engine.version ?? null },
    placement: placement && { runner: placement.runner ?? null, instance: placement.instance ?? null },
    source: source && filledSource(source),
    approval: approval && {
      when: approval.when ?? DEFAULT_APPROVAL.when,
      expiresAfterSeconds: approval.expiresAfterSeconds ?? DEFAULT_APPROVAL.expiresAfterSeconds,
    },
  };
  return Object.fromEntries(Object.entries(filled).filter(([, value]) => value !== undefined));
}
