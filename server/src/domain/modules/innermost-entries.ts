import type { EffectiveSetting, HierarchyLevel, ModuleSettings } from '@dibs/shared';

export interface SettingsLevel {
  readonly level: HierarchyLevel;
  readonly settings: ModuleSettings;
}

/** Of each name, the entry of the innermost level that has it, sorted by names. @param levels outermost first */
export function innermostEntries<Value>(
  levels: readonly SettingsLevel[],
  entriesOf: (settings: ModuleSettings) => Readonly<Record<string, Value>> | undefined,
): ReadonlyMap<string, EffectiveSetting<Value>> {
  const entries = levels.flatMap(({ level, settings }) =>
    Object.entries(entriesOf(settings) ?? {}).map(([name, value]) => [name, { value, origin: level }] as const),
  );
  const names = [...new Set(entries.map(([name]) => name))].sort();
  // the later entry of a name is the one further in
  const innermost = new Map(entries);
  return new Map(names.map((name) => [name, innermost.get(name)!]));
}
