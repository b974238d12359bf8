export interface Route {
  readonly method: string;
  /** As registered, as in `/api/v1/jobs/:id`. */
  readonly path: string;
}

/** Every route of the application, to tell "no such path" (404) from "not with this method" (405). */
export class RouteTable {
  private readonly known: Route[] = [];

  get routes(): readonly Route[] {
    return this.known;
  }

  add(methods: string | readonly string[], path: string): void {
    for (const method of [methods].flat()) this.known.push({ method, path });
  }

  /** @param path without query; @returns methods that exist for it, none for an unknown path */
  methodsFor(path: string): readonly string[] {
    const parts = path.split('/');
    const methods = this.known.filter((route) => matches(route.path.split('/'), parts)).map((route) => route.method);
    return [...new Set(methods)].sort();
  }
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.includes('*')) return false;
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  );
}
