import type { EffectiveSetting, EffectiveSettings, HierarchyLevel, ModuleSettings, Placement } from '@dibs/shared';

export interface SettingsLevel {
  readonly level: HierarchyLevel;
  readonly settings: ModuleSettings;
}

/** What counts where nobody has set anything. */
export interface SettingsDefaults {
  readonly timeoutSeconds: number;
  readonly queueTimeoutSeconds: number;
}

const ANYWHERE: Placement = { runner: null, instance: null };

/**
 * What counts after all levels: of each property, the value of the innermost level that sets it, as a whole. A runner
 * with its instance, or an engine with its version, mean nothing apart from each other.
 *
 * @param levels outermost first
 */
export function effectiveSettings(levels: readonly SettingsLevel[], defaults: SettingsDefaults): EffectiveSettings {
  const innermost = <Key extends keyof ModuleSettings, Fallback>(key: Key, fallback: Fallback) =>
    innermostOf(levels, key, fallback);
  return {
    engine: innermost('engine', null),
    placement: innermost('placement', ANYWHERE),
    labels: innermost('labels', {}),
    timeoutSeconds: innermost('timeoutSeconds', defaults.timeoutSeconds),
    queueTimeoutSeconds: innermost('queueTimeoutSeconds', defaults.queueTimeoutSeconds),
  };
}

function innermostOf<Key extends keyof ModuleSettings, Fallback>(
  levels: readonly SettingsLevel[],
  key: Key,
  fallback: Fallback,
): EffectiveSetting<NonNullable<ModuleSettings[Key]> | Fallback> {
  for (const { level, settings } of [...levels].reverse()) {
    const value = settings[key];
    if (value !== undefined) return { value, origin: level };
  }
  return { value: fallback, origin: 'default' };
}
