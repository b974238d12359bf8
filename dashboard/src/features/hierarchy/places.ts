import type { AssignmentKind, HierarchyNodeSummary, JobScope } from '@dibs/shared';

const FOLDERS = { stack: 'stacks/', namespace: 'namespaces/', module: '' } as const satisfies Record<
  AssignmentKind,
  string
>;

/** Address of the page of a stack, namespace or module. */
export function placePath(kind: AssignmentKind, id: string, tab?: string): string {
  const path = `/modules/${FOLDERS[kind]}${encodeURIComponent(id)}`;
  return tab === undefined ? path : `${path}?tab=${tab}`;
}

export interface Place {
  readonly kind: AssignmentKind;
  readonly id: string;
  readonly name: string;
}

/** The stack that it is in, and so on inwards, itself included. @param path as in `prod/network/vpc` */
export function wayTo({ path, scope }: { readonly path: string; readonly scope: JobScope }): Place[] {
  const [stack = '', namespace = '', module = ''] = path.split('/');
  const places: Place[] = [{ kind: 'stack', id: scope.stackId, name: stack }];
  if (scope.namespaceId !== null) places.push({ kind: 'namespace', id: scope.namespaceId, name: namespace });
  if (scope.moduleId !== null) places.push({ kind: 'module', id: scope.moduleId, name: module });
  return places;
}

/** As the server takes it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** @returns what is wrong with a name, for whoever types it; null: nothing (yet) */
export function problemOfName(name: string): string | null {
  return name === '' || NAME.test(name) ? null : 'Letters, digits, dots, _ and -, beginning with a letter or digit';
}

export type Node = Pick<HierarchyNodeSummary, 'id' | 'kind' | 'name' | 'path' | 'scope'>;
