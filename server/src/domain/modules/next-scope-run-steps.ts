import type {
  ModuleDependency,
  OnModuleFailure,
  RunState,
  ScopeRunModuleState,
  ScopeRunOperation,
  ScopeRunState,
} from '@dibs/shared';

export interface ScopeRunFacts {
  readonly operation: ScopeRunOperation;
  readonly onFailure: OnModuleFailure;
  readonly cancelRequested: boolean;
}

export interface ScopeRunModuleFacts {
  readonly moduleId: string;
  readonly state: ScopeRunModuleState;
}

/** What is to be done about the modules of a run that still wait. */
export interface ScopeRunSteps {
  readonly begin: readonly string[];
  /** With the modules for which they are: those that were not successful, and are before it or stop the run. */
  readonly skip: ReadonlyMap<string, readonly string[]>;
  readonly cancel: readonly string[];
  /** null: something waits or runs, or is to be done first. */
  readonly end: Exclude<ScopeRunState, 'running'> | null;
}

/** What a module of a run of its scope has come to, by the state of its own run. null: that run goes on. */
export const MODULE_STATE_AFTER: Readonly<Record<RunState, ScopeRunModuleState | null>> = {
  planning: null,
  awaiting_approval: null,
  applying: null,
  working: null,
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
  rejected: 'failed',
  expired: 'failed',
};

/**
 * What is to be done now. A module begins when all before it are through: those have succeeded, or there was nothing to
 * do for them. A module that is skipped for its own sake keeps nothing from beginning, one that is skipped for another
 * module that failed does.
 *
 * @param modules in the order in which they are applied
 */
export function nextScopeRunSteps(
  run: ScopeRunFacts,
  modules: readonly ScopeRunModuleFacts[],
  dependencies: readonly Pick<ModuleDependency, 'from' | 'to'>[],
): ScopeRunSteps {
  const waiting = modules.filter(({ state }) => state === 'waiting').map(({ moduleId }) => moduleId);
  const nothing: ScopeRunSteps = { begin: [], skip: new Map(), cancel: [], end: null };
  if (waiting.length === 0) return { ...nothing, end: endOf(run, modules) };
  if (run.cancelRequested) return { ...nothing, cancel: waiting };
  const lost = modules.filter(({ state }) => isLost(state)).map(({ moduleId }) => moduleId);
  if (lost.length > 0 && run.onFailure === 'stop') {
    return { ...nothing, skip: new Map(waiting.map((moduleId) => [moduleId, lost])) };
  }
  return { ...nothing, ...inOrder(run, modules, dependencies) };
}

function inOrder(
  { operation }: ScopeRunFacts,
  modules: readonly ScopeRunModuleFacts[],
  dependencies: readonly Pick<ModuleDependency, 'from' | 'to'>[],
): Pick<ScopeRunSteps, 'begin' | 'skip'> {
  const isReversed = operation === 'destroy';
  const stateOf = new Map(modules.map(({ moduleId, state }) => [moduleId, state]));
  const before = new Map<string, string[]>(modules.map(({ moduleId }) => [moduleId, []]));
  for (const { from, to } of dependencies) {
    const [first, second] = isReversed ? [to, from] : [from, to];
    if (stateOf.has(first)) before.get(second)?.push(first);
  }
  const begin: string[] = [];
  const skip = new Map<string, readonly string[]>();
  /** For each module those that keep it from ever beginning. */
  const kept = new Map<string, readonly string[]>();
  for (const { moduleId, state } of isReversed ? [...modules].reverse() : modules) {
    const those = before.get(moduleId)!;
    const by = [...new Set(those.flatMap((id) => (isLost(stateOf.get(id)!) ? [id] : kept.get(id)!)))];
    kept.set(moduleId, by);
    if (state !== 'waiting') continue;
    if (by.length > 0) skip.set(moduleId, by);
    else if (those.every((id) => isThrough(stateOf.get(id)!))) begin.push(moduleId);
  }
  return { begin, skip };
}

function endOf(
  { cancelRequested }: ScopeRunFacts,
  modules: readonly ScopeRunModuleFacts[],
): Exclude<ScopeRunState, 'running'> | null {
  const states = modules.map(({ state }) => state);
  if (states.includes('running')) return null;
  if (!states.some(isLost)) return 'succeeded';
  return cancelRequested && states.includes('canceled') ? 'canceled' : 'failed';
}

function isLost(state: ScopeRunModuleState): boolean {
  return state === 'failed' || state === 'canceled';
}

function isThrough(state: ScopeRunModuleState): boolean {
  return state === 'succeeded' || state === 'skipped';
}
