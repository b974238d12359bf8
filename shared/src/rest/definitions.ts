import type { HierarchyLevel } from './modules.js';

/** What importing a definition did, or would do (`?dryRun=true`): `PUT …/definition`. */
export interface DefinitionChanges {
  readonly dryRun: boolean;
  readonly changes: readonly DefinitionChange[];
  /** Parts that are already as the definition says. */
  readonly unchangedCount: number;
}

export interface DefinitionChange {
  readonly kind: HierarchyLevel;
  /** Names from the stack on; of the organization: ''. */
  readonly path: string;
  /** `kept`: it is not in the definition, and stays because `?prune=true` was not said. */
  readonly action: 'created' | 'updated' | 'deleted' | 'kept';
  /** Names of settings that differ, entries as in `variables.region`; never values. */
  readonly settings: readonly string[];
}
