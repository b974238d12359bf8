import type { EffectiveSetting, ModuleFile, ModuleHook, ModuleInput, SettingOrigin } from '@dibs/shared';
import type { SettingsScope } from './settings-scope';

/** Settings that are inherited entry by entry. */
export interface EntryValues {
  readonly variables: ModuleInput;
  readonly environment: ModuleInput;
  readonly files: ModuleFile;
  readonly hooks: ModuleHook;
}
export type EntryKind = keyof EntryValues;

export interface Entry<Value = EntryValues[EntryKind]> {
  readonly name: string;
  /** What counts; of one that is taken away here: that. */
  readonly value: Value;
  readonly origin: SettingOrigin;
  /** What this level sets itself; null: nothing. */
  readonly own: Value | null;
}

type Named<Value> = Readonly<Record<string, Value>>;

/** What counts by name, and what is taken away here, which would otherwise be seen nowhere. */
export function entriesOf<Kind extends EntryKind>(scope: SettingsScope, kind: Kind): Entry<EntryValues[Kind]>[] {
  const own = (scope.own[kind] ?? {}) as Named<EntryValues[Kind]>;
  const counting = (scope.effective?.[kind] ?? {}) as Named<EffectiveSetting<EntryValues[Kind]>>;
  const here = Object.entries(own).filter(([name]) => !Object.hasOwn(counting, name));
  return [
    ...Object.entries(counting).map(([name, { value, origin }]) => ({ name, value, origin, own: own[name] ?? null })),
    ...here.map(([name, value]) => ({ name, value, origin: scope.level, own: value })),
  ].sort((one, other) => one.name.localeCompare(other.name));
}
