import type { EffectiveSetting, EffectiveSettings, ModuleSettings, Placement, SourcePolling } from '@dibs/shared';
import { DEFAULT_APPROVAL } from './approval.js';
import { effectiveInputs } from './effective-inputs.js';
import { innermostEntries, type SettingsLevel } from './innermost-entries.js';

/** What counts where nobody has set anything. */
export interface SettingsDefaults {
  readonly timeoutSeconds: number;
  readonly queueTimeoutSeconds: number;
}

const DEFAULT_SOURCE_POLLING: SourcePolling = { everySeconds: 300 };
const ANYWHERE: Placement = { runner: null, instance: null };

/**
 * What counts after all levels: of each property, the value of the innermost level that sets it, as a whole. A runner
 * with its instance, or an engine with its version, mean nothing apart from each other. Of variables, environment and
 * files each entry counts by itself.
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
    variables: effectiveInputs(levels, 'variables'),
    environment: effectiveInputs(levels, 'environment'),
    files: withoutNone(innermostEntries(levels, ({ files }) => files)),
    source: innermost('source', null),
    backend: innermost('backend', {}),
    flags: innermost('flags', {}),
    workspace: innermost('workspace', null),
    approval: innermost('approval', DEFAULT_APPROVAL),
    triggerOnUpstreamOutputChanged: innermost('triggerOnUpstreamOutputChanged', false),
    triggerOnDefinitionChanged: innermost('triggerOnDefinitionChanged', false),
    triggerOnSourceChanged: innermost('triggerOnSourceChanged', false),
    sourcePolling: innermost('sourcePolling', DEFAULT_SOURCE_POLLING),
    hooks: withoutNone(innermostEntries(levels, ({ hooks }) => hooks)),
  };
}

function withoutNone<Value extends { readonly type: string }>(
  entries: Iterable<readonly [string, EffectiveSetting<Value>]>,
): Record<string, EffectiveSetting<Value>> {
  return Object.fromEntries([...entries].filter(([, { value }]) => value.type !== 'none'));
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
