import type { StoredNode } from './definition.repository.js';

/** How a definition names modules inside itself, so that it means the same wherever it is put. */
const INSIDE = './';

/** As a definition of what is at the root names the module. @param root its path; of the organization: '' */
export function pathInDefinition(root: string, path: string): string {
  return root !== '' && path.startsWith(`${root}/`) ? INSIDE + path.slice(root.length + 1) : path;
}

/** The path from the stack on. */
export function fullPath(root: string, named: string): string {
  if (!named.startsWith(INSIDE)) return named;
  const inner = named.slice(INSIDE.length);
  return root === '' ? inner : `${root}/${inner}`;
}

/** The node and all inside it, outermost first. */
export function* everyNode(node: StoredNode): Generator<StoredNode> {
  yield node;
  for (const inner of node.inner.values()) yield* everyNode(inner);
}
