import type { EffectiveInput, EffectiveSetting, ModuleInput } from '@dibs/shared';
import { innermostEntries, type SettingsLevel } from './innermost-entries.js';

/**
 * What counts of the variables or the environment. What a module takes from its namespace is what counts there; when the
 * namespace has nothing under that name it stays as it is, for whoever wants the value to refuse it.
 */
export function effectiveInputs(
  levels: readonly SettingsLevel[],
  of: 'variables' | 'environment',
): Record<string, EffectiveInput> {
  const outside = innermostEntries(
    levels.filter(({ level }) => level !== 'module'),
    (settings) => settings[of],
  );
  const taken = (name: string, entry: EffectiveSetting<ModuleInput>): EffectiveInput => {
    if (entry.value.type !== 'namespace') return { ...entry, name };
    const found = outside.get(entry.value.name);
    return found === undefined || found.value.type === 'none'
      ? { ...entry, name }
      : { ...found, name: entry.value.name };
  };
  return Object.fromEntries(
    [...innermostEntries(levels, (settings) => settings[of])]
      .filter(([, { value }]) => value.type !== 'none')
      .map(([name, entry]) => [name, taken(name, entry)]),
  );
}
