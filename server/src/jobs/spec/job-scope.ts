const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** @returns what is wrong with an id of the hierarchy, as a half sentence; null: nothing */
export function problemOfId(value: unknown): string | null {
  return typeof value === 'string' && UUID.test(value) ? null : 'must be a UUID';
}

/** An inner id implies the outer ones: assignments of runners are looked up from the outside in. */
export function problemOfModuleId(value: unknown, scope: { readonly namespaceId?: unknown }): string | null {
  const problem = problemOfId(value);
  if (problem !== null) return problem;
  return scope.namespaceId == null ? 'needs namespaceId beside it' : null;
}
