import { isDeepStrictEqual } from 'node:util';
import type { ModuleSettings, ModuleSettingsPatch } from '@dibs/shared';
import { mergeSettings } from '../domain/modules/merge-settings.js';

/** Settings of which every entry is a thing of its own. */
export const ENTRY_SETTINGS = ['variables', 'environment', 'files', 'hooks'] as const;

export interface SettingsDifference {
  /** The smallest change that makes of the settings what is wanted. */
  readonly patch: ModuleSettingsPatch;
  /** What it changes, entries as in `variables.region`. */
  readonly names: readonly string[];
}

/** All that is to be set. */
export interface WantedSettings {
  readonly settings: ModuleSettingsPatch;
  /** Whether the entry is a secret whose value stays. */
  isKept(setting: string, entry: string): boolean;
}

/**
 * A secret that is given is always a change: to compare it with the one that is stored would tell whoever asks whether they
 * have guessed it.
 */
export function settingsDifference(stored: ModuleSettings, wanted: WantedSettings): SettingsDifference {
  const after = mergeSettings({}, wanted.settings) as Record<string, unknown>;
  const before = stored as Record<string, unknown>;
  const patch: Record<string, unknown> = {};
  const names: string[] = [];
  for (const setting of sortedUnion(before, after)) {
    if (!(ENTRY_SETTINGS as readonly string[]).includes(setting)) {
      if (isDeepStrictEqual(before[setting], after[setting])) continue;
      patch[setting] = (wanted.settings as Record<string, unknown>)[setting] ?? null;
      names.push(setting);
      continue;
    }
    const [own, next] = [entriesOf(before[setting]), entriesOf(after[setting])];
    const given = entriesOf((wanted.settings as Record<string, unknown>)[setting]);
    const changed = sortedUnion(own, next).filter(
      (entry) =>
        !isDeepStrictEqual(own[entry], next[entry]) || (isSecret(next[entry]) && !wanted.isKept(setting, entry)),
    );
    if (changed.length === 0) continue;
    patch[setting] = Object.fromEntries(changed.map((entry) => [entry, given[entry] ?? null]));
    names.push(...changed.map((entry) => `${setting}.${entry}`));
  }
  return { patch: patch, names };
}

function sortedUnion(...sets: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(sets.flatMap((set) => Object.keys(set)))].sort();
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return (value ?? {}) as Readonly<Record<string, unknown>>;
}

function isSecret(input: unknown): boolean {
  return (input as { readonly type?: unknown } | undefined)?.type === 'secret';
}
