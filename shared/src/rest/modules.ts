import type { JobScope } from '../job/job-spec.js';
import type { AssignmentKind } from './runners.js';

/** Outermost first: what a level sets counts for everything inside it. */
export const HIERARCHY_LEVELS = ['organization', 'stack', 'namespace', 'module'] as const;
export type HierarchyLevel = (typeof HIERARCHY_LEVELS)[number];

/** Where a value comes from; `default`: nobody has set it, it is the product's own. */
export type SettingOrigin = HierarchyLevel | 'default';

export const ENGINES = ['terraform', 'tofu'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface EngineChoice {
  readonly name: EngineName;
  /** Range of versions as npm writes them; null: any. */
  readonly version: string | null;
}

/** The runner and instance that must take the jobs; both null: any that is assigned to the module. */
export interface Placement {
  readonly runner: string | null;
  readonly instance: string | null;
}

/**
 * Where the value of an engine's variable, or of one of the environment, comes from. A secret is encrypted at rest and
 * its value never returned. `output`: what another module puts out. `namespace`: what the namespace of the module has under
 * another name. `none`: nothing, although something is set further out.
 */
export type ModuleInput =
  | { readonly type: 'literal'; readonly value: string }
  | { readonly type: 'secret' }
  | { readonly type: 'output'; readonly moduleId: string; readonly output: string }
  | { readonly type: 'namespace'; readonly name: string }
  | { readonly type: 'none' };
export const MODULE_INPUT_TYPES = [
  'literal',
  'secret',
  'output',
  'namespace',
  'none',
] as const satisfies readonly ModuleInput['type'][];

/** As it is sent: with the value of a secret. */
export type ModuleInputBody =
  Exclude<ModuleInput, { type: 'secret' }> | { readonly type: 'secret'; readonly value: string };

/** A file below the folder in which the engine works. `none`: not this one, although it is set further out. */
export type ModuleFile = { readonly type: 'text'; readonly content: string } | { readonly type: 'none' };

type Named<Value> = Readonly<Record<string, Value>>;

/**
 * What one level sets itself; what is missing is inherited. Each property is inherited or replaced as a whole, but of
 * `variables`, `environment` and `files` each entry by itself.
 */
export interface ModuleSettings {
  readonly engine?: EngineChoice;
  readonly placement?: Placement;
  /** Labels that an instance must have. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  readonly queueTimeoutSeconds?: number;
  /** Of the engine. */
  readonly variables?: Named<ModuleInput>;
  readonly environment?: Named<ModuleInput>;
  /** By their paths. */
  readonly files?: Named<ModuleFile>;
}

/** Only what is named changes; null: inherited again. Of `variables`, `environment` and `files` that goes for each entry. */
export interface ModuleSettingsPatch {
  engine?: (Pick<EngineChoice, 'name'> & Partial<EngineChoice>) | null;
  placement?: Partial<Placement> | null;
  labels?: Record<string, string> | null;
  timeoutSeconds?: number | null;
  queueTimeoutSeconds?: number | null;
  variables?: Record<string, ModuleInputBody | null> | null;
  environment?: Record<string, ModuleInputBody | null> | null;
  files?: Record<string, ModuleFile | null> | null;
}

export interface EffectiveSetting<Value> {
  readonly value: Value;
  readonly origin: SettingOrigin;
}

export interface EffectiveInput extends EffectiveSetting<ModuleInput> {
  /** What it is called where it is set; another name than here when the module takes it from its namespace. */
  readonly name: string;
}

/** What counts for a level after everything around it: `GET …/effective`. */
export interface EffectiveSettings {
  /** null: nobody has chosen one. */
  readonly engine: EffectiveSetting<EngineChoice | null>;
  readonly placement: EffectiveSetting<Placement>;
  readonly labels: EffectiveSetting<Readonly<Record<string, string>>>;
  readonly timeoutSeconds: EffectiveSetting<number>;
  readonly queueTimeoutSeconds: EffectiveSetting<number>;
  readonly variables: Named<EffectiveInput>;
  readonly environment: Named<EffectiveInput>;
  readonly files: Named<EffectiveSetting<ModuleFile>>;
}

/** `GET|PATCH /api/v1/organization/module-settings`: what every stack of the organization starts from. */
export interface OrganizationSettingsView {
  readonly settings: ModuleSettings;
}

export interface UpdateOrganizationSettingsBody {
  settings: ModuleSettingsPatch;
}

/** A stack, namespace or module in a list. */
export interface HierarchyNodeSummary {
  readonly id: string;
  readonly kind: AssignmentKind;
  readonly name: string;
  /** Names from the stack on, as in `prod/network/vpc`. */
  readonly path: string;
  /** Its place, as jobs name it. */
  readonly scope: JobScope;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface HierarchyNodeView extends HierarchyNodeSummary {
  readonly settings: ModuleSettings;
}

export interface CreateHierarchyNodeBody {
  name: string;
  settings?: ModuleSettingsPatch;
}

export interface UpdateHierarchyNodeBody {
  name?: string;
  settings?: ModuleSettingsPatch;
}
