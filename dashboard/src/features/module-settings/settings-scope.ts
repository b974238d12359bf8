import type { EffectiveSettings, HierarchyLevel, HierarchyNodeView, ModuleSettings, SettingOrigin } from '@dibs/shared';
import type { SettingsHolder } from '../../api/hierarchy';
import { wayTo, type Place } from '../hierarchy/places';

/** Whose settings are shown, and what counts there. */
export interface SettingsScope {
  readonly holder: SettingsHolder;
  readonly level: HierarchyLevel;
  /** What it sets itself. */
  readonly own: ModuleSettings;
  /** null: of the organization, where nothing is inherited. */
  readonly effective: EffectiveSettings | null;
  /** What it is in, from the stack on, itself included. */
  readonly places: readonly Place[];
  readonly mayManage: boolean;
}

export function scopeOfNode(node: HierarchyNodeView, effective: EffectiveSettings): SettingsScope {
  return {
    holder: { kind: node.kind, id: node.id },
    level: node.kind,
    own: node.settings,
    effective,
    places: wayTo(node),
    mayManage: node.permissions.includes('modules:manage'),
  };
}

export function scopeOfOrganization(own: ModuleSettings, mayManage: boolean): SettingsScope {
  return { holder: null, level: 'organization', own, effective: null, places: [], mayManage };
}

/** Those that are one value, set or inherited as a whole. */
export type SingleSetting = Exclude<keyof ModuleSettings, 'variables' | 'environment' | 'files' | 'hooks'>;
type ValueOf<Key extends SingleSetting> = EffectiveSettings[Key]['value'];

/** What counts, and which level says so; undefined: nobody does, and only the server knows its default. */
export function singleSetting<Key extends SingleSetting>(
  { own, effective }: SettingsScope,
  key: Key,
): { readonly value: ValueOf<Key> | undefined; readonly origin: SettingOrigin } {
  if (effective !== null) return effective[key];
  const value = own[key] as ValueOf<Key> | undefined;
  return { value, origin: value === undefined ? 'default' : 'organization' };
}
