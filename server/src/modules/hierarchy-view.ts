import type { AssignmentKind, HierarchyNodeSummary, HierarchyNodeView, JobScope, Permission } from '@dibs/shared';
import type { LevelRow, NodeRow } from './hierarchy.repository.js';

/** What is around a node: names for its path, ids for its scope. */
export type Surroundings = readonly Pick<LevelRow, 'level' | 'id' | 'name'>[];

export function nodeSummary(kind: AssignmentKind, around: Surroundings, node: NodeRow): HierarchyNodeSummary {
  const way = [
    ...around.filter(({ level }) => level !== 'organization'),
    { level: kind, id: node.id, name: node.name },
  ];
  return {
    id: node.id,
    kind,
    name: node.name,
    path: way.map(({ name }) => name).join('/'),
    scope: scopeOf(way),
    createdAt: node.createdAt.toISOString(),
    updatedAt: node.updatedAt.toISOString(),
  };
}

/** @param chain down to the node, which is a stack or further in. @param permissions of who asks, at the node */
export function nodeView(
  kind: AssignmentKind,
  chain: readonly LevelRow[],
  permissions: readonly Permission[],
): HierarchyNodeView {
  const { id, name, settings, createdAt, updatedAt } = chain.at(-1)!;
  const node = { id, name, createdAt: createdAt!, updatedAt: updatedAt! };
  return { ...nodeSummary(kind, chain.slice(0, -1), node), settings, permissions };
}

function scopeOf(way: Surroundings): JobScope {
  const idOf = (wanted: AssignmentKind): string | null => way.find(({ level }) => level === wanted)?.id ?? null;
  return { stackId: idOf('stack')!, namespaceId: idOf('namespace'), moduleId: idOf('module') };
}
