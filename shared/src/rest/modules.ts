import type { EngineFlags, EngineName, HookPoint } from '../job/engine-spec.js';
import type { JobScope, SourceBody, SourceSpec, StepShell } from '../job/job-spec.js';
import type { Permission } from './access.js';
import type { AssignmentKind } from './runners.js';

/** Outermost first: what a level sets counts for everything inside it. */
export const HIERARCHY_LEVELS = ['organization', 'stack', 'namespace', 'module'] as const;
export type HierarchyLevel = (typeof HIERARCHY_LEVELS)[number];

/** Where a value comes from; `default`: nobody has set it, it is the product's own. */
export type SettingOrigin = HierarchyLevel | 'default';

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

/** A script before or after a call of the engine. `none`: not here, although it is set further out. */
export type ModuleHook =
  { readonly type: 'script'; readonly run: string; readonly shell: StepShell } | { readonly type: 'none' };

/** As it is sent: bash is the shell where none is named. */
export type ModuleHookBody =
  | (Omit<Extract<ModuleHook, { type: 'script' }>, 'shell'> & { readonly shell?: StepShell })
  | Extract<ModuleHook, { type: 'none' }>;

export const APPROVAL_RULES = ['never', 'changes', 'destroys', 'always'] as const;
/**
 * Which plans somebody must approve before they are carried out: those that change something, those that destroy
 * something, or all. A plan without changes is never carried out, whatever the rule.
 */
export type ApprovalRule = (typeof APPROVAL_RULES)[number];

export interface ApprovalSetting {
  readonly when: ApprovalRule;
  /** A plan that nobody decides on expires. */
  readonly expiresAfterSeconds: number;
}

export interface SourcePolling {
  /** How often the source is looked at; null: only when somebody says that it has changed. */
  readonly everySeconds: number | null;
}

type Named<Value> = Readonly<Record<string, Value>>;

/**
 * What one level sets itself; what is missing is inherited. Each property is inherited or replaced as a whole, but of
 * `variables`, `environment`, `files` and `hooks` each entry by itself.
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
  /** Where the configuration comes from; without one it is the files alone. */
  readonly source?: SourceSpec;
  /** Settings of the engine's backend that the configuration leaves open. */
  readonly backend?: Readonly<Record<string, string>>;
  readonly flags?: EngineFlags;
  /** Workspace of terraform and tofu, stack of pulumi. */
  readonly workspace?: string;
  readonly approval?: ApprovalSetting;
  /** A change of an output that the module takes begins a run of `apply`. */
  readonly triggerOnUpstreamOutputChanged?: boolean;
  /** A change of what counts for the module, on whatever level, begins a run of `apply`. */
  readonly triggerOnDefinitionChanged?: boolean;
  /** New commits of the git source begin a run of `apply`. */
  readonly triggerOnSourceChanged?: boolean;
  readonly sourcePolling?: SourcePolling;
  readonly hooks?: Partial<Readonly<Record<HookPoint, ModuleHook>>>;
}

/** Only what is named changes; null: inherited again. Of `variables`, `environment`, `files` and `hooks` that goes for each entry. */
export interface ModuleSettingsPatch {
  engine?: (Pick<EngineChoice, 'name'> & Partial<EngineChoice>) | null;
  placement?: Partial<Placement> | null;
  labels?: Record<string, string> | null;
  timeoutSeconds?: number | null;
  queueTimeoutSeconds?: number | null;
  variables?: Record<string, ModuleInputBody | null> | null;
  environment?: Record<string, ModuleInputBody | null> | null;
  files?: Record<string, ModuleFile | null> | null;
  hooks?: Partial<Record<HookPoint, ModuleHookBody | null>> | null;
  source?: SourceBody | null;
  backend?: Record<string, string> | null;
  flags?: EngineFlags | null;
  workspace?: string | null;
  approval?: Partial<ApprovalSetting> | null;
  triggerOnUpstreamOutputChanged?: boolean | null;
  triggerOnDefinitionChanged?: boolean | null;
  triggerOnSourceChanged?: boolean | null;
  sourcePolling?: SourcePolling | null;
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
  readonly source: EffectiveSetting<SourceSpec | null>;
  readonly backend: EffectiveSetting<Readonly<Record<string, string>>>;
  readonly flags: EffectiveSetting<EngineFlags>;
  readonly workspace: EffectiveSetting<string | null>;
  readonly approval: EffectiveSetting<ApprovalSetting>;
  readonly triggerOnUpstreamOutputChanged: EffectiveSetting<boolean>;
  readonly triggerOnDefinitionChanged: EffectiveSetting<boolean>;
  readonly triggerOnSourceChanged: EffectiveSetting<boolean>;
  readonly sourcePolling: EffectiveSetting<SourcePolling>;
  readonly hooks: Partial<Readonly<Record<HookPoint, EffectiveSetting<ModuleHook>>>>;
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
  /** What the caller may do here, by the role in the organization and by those granted here and further out. */
  readonly permissions: readonly Permission[];
}

export interface CreateHierarchyNodeBody {
  name: string;
  settings?: ModuleSettingsPatch;
}

export interface UpdateHierarchyNodeBody {
  name?: string;
  settings?: ModuleSettingsPatch;
}
