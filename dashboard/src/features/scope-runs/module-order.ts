import type { ModuleDependency } from '@dibs/shared';

type Edge = Pick<ModuleDependency, 'from' | 'to'>;

export interface ModuleOrder {
  /** What is in one of them needs nothing but what is in those before: it can run at the same time. */
  readonly waves: readonly (readonly string[])[];
  /** Those that wait for each other in a circle, and those after them: they have no place in the order. */
  readonly stuck: readonly string[];
}

/** In which order modules are applied; for destroying it is the other way round. @param ids in the order to keep inside of a wave */
export function orderOf(ids: readonly string[], dependencies: readonly Edge[]): ModuleOrder {
  const known = new Set(ids);
  const edges = dependencies.filter(({ from, to }) => known.has(from) && known.has(to));
  const waves: string[][] = [];
  let left = [...ids];
  while (left.length > 0) {
    const open = new Set(left);
    const blocked = new Set(edges.filter(({ from }) => open.has(from)).map(({ to }) => to));
    const wave = left.filter((id) => !blocked.has(id));
    if (wave.length === 0) break;
    waves.push(wave);
    left = left.filter((id) => blocked.has(id));
  }
  return { waves, stuck: left };
}

/** As they are destroyed: who takes an output goes before who puts it out. */
export function reversed<Dependency extends Edge>(dependencies: readonly Dependency[]): Dependency[] {
  return dependencies.map((dependency) => ({ ...dependency, from: dependency.to, to: dependency.from }));
}

/** A path as it is called inside of what is at `scopePath`; elsewhere it is told whole. */
export function nameInside(path: string, scopePath: string): string {
  return path.startsWith(`${scopePath}/`) ? path.slice(scopePath.length + 1) : path;
}
