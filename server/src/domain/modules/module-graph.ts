import type { EffectiveSettings, ModuleDependency } from '@dibs/shared';
import { outputReferences } from './resolve-inputs.js';

/** A module with the inputs that count for it. */
export interface GraphModule {
  readonly moduleId: string;
  readonly inputs: Pick<EffectiveSettings, 'variables' | 'environment'>;
}

export interface ModuleOrder {
  /** Ids; every module comes behind those whose outputs it takes. Without those that have no place. */
  readonly order: readonly string[];
  /** Modules that take each other's outputs, by circles. Those behind a circle have no place either, and are in none. */
  readonly circles: readonly (readonly string[])[];
}

type Edge = Pick<ModuleDependency, 'from' | 'to'>;

/**
 * Whose outputs each of the modules takes. One that takes its own (by what its namespace sets for all in it) does not
 * depend on itself: it takes what it has put out before.
 */
export function dependenciesOf(modules: readonly GraphModule[]): ModuleDependency[] {
  return modules.flatMap(({ moduleId: to, inputs }) => {
    const outputs = new Map<string, string[]>();
    for (const { moduleId: from, output } of outputReferences(inputs)) {
      if (from !== to) outputs.set(from, [...(outputs.get(from) ?? []), output]);
    }
    return [...outputs].map(([from, names]) => ({ from, to, outputs: names.sort() }));
  });
}

/**
 * The order in which modules are applied; destroyed they are the other way round.
 *
 * @param moduleIds each once; of those that are free to come next, the earlier one does
 * @param edges those from or to other modules do not count
 */
export function orderOf(moduleIds: readonly string[], edges: readonly Edge[]): ModuleOrder {
  const takers = new Map<string, string[]>(moduleIds.map((id) => [id, []]));
  const missing = new Map<string, number>(moduleIds.map((id) => [id, 0]));
  for (const { from, to } of edges) {
    if (!takers.has(from) || !missing.has(to)) continue;
    takers.get(from)!.push(to);
    missing.set(to, missing.get(to)! + 1);
  }
  const order = moduleIds.filter((id) => missing.get(id) === 0);
  // grows while it is gone through
  for (const id of order) {
    for (const taker of takers.get(id)!) {
      const left = missing.get(taker)! - 1;
      missing.set(taker, left);
      if (left === 0) order.push(taker);
    }
  }
  const placed = new Set(order);
  return {
    order,
    circles: circlesOf(
      moduleIds.filter((id) => !placed.has(id)),
      takers,
    ),
  };
}

/** Groups of modules each of which is before every other one of its group. */
function circlesOf(moduleIds: readonly string[], takers: ReadonlyMap<string, readonly string[]>): string[][] {
  const behind = new Map(moduleIds.map((id) => [id, behindOf(id, takers)]));
  const seen = new Set<string>();
  return moduleIds.flatMap((id) => {
    if (seen.has(id) || !behind.get(id)!.has(id)) return [];
    const circle = moduleIds.filter((other) => behind.get(id)!.has(other) && behind.get(other)!.has(id));
    circle.forEach((member) => seen.add(member));
    return [circle];
  });
}

/** All modules that come after one, itself only when it is in a circle. */
function behindOf(id: string, takers: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set(takers.get(id));
  for (const each of found) takers.get(each)!.forEach((taker) => found.add(taker));
  return found;
}
