import type { ModuleSettings, ModuleSettingsPatch } from '@dibs/shared';

/** What a level sets after a change: what the patch does not name stays, null takes the level's own value away. */
export function mergeSettings(settings: ModuleSettings, patch: ModuleSettingsPatch): ModuleSettings {
  const merged = { ...settings, ...completed(patch) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/** Without what was left out, and with every part of what was not. */
function completed({ engine, placement, ...rest }: ModuleSettingsPatch): object {
  const filled = {
    ...rest,
    engine: engine && { name: engine.name, version: engine.version ?? null },
    placement: placement && { runner: placement.runner ?? null, instance: placement.instance ?? null },
  };
  return Object.fromEntries(Object.entries(filled).filter(([, value]) => value !== undefined));
}
