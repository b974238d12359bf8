import type { HierarchyLevel } from '@dibs/shared';
import { isRecord } from '../jobs/spec/environment.js';
import type { DefinitionProblems, DefinitionText } from './definition-text.js';

export const DEFINITION_VERSION = 1;
/** Each of them takes some statements when it is imported, all in one transaction. */
const MAX_NODES = 5_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** What is inside a level, and under which property a definition has it. */
export const INNER = {
  organization: { property: 'stacks', kind: 'stack' },
  stack: { property: 'namespaces', kind: 'namespace' },
  namespace: { property: 'modules', kind: 'module' },
  module: null,
} as const satisfies Record<HierarchyLevel, { readonly property: string; readonly kind: HierarchyLevel } | null>;

/** A level as a definition has it: its settings are not checked yet. */
export interface DefinedNode {
  readonly kind: HierarchyLevel;
  /** Of the root: '', because a definition does not rename what it is put to. */
  readonly name: string;
  /** Where it is in the text. */
  readonly at: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inner: readonly DefinedNode[];
}

/** @returns the root with all inside it, so far as nothing was found wrong */
export function readDefinedNodes(
  { value }: DefinitionText,
  kind: HierarchyLevel,
  problems: DefinitionProblems,
): DefinedNode {
  return new NodeReader(problems).readRoot(value, kind);
}

class NodeReader {
  private count = 0;

  constructor(private readonly problems: DefinitionProblems) {}

  readRoot(value: unknown, kind: HierarchyLevel): DefinedNode {
    if (!isRecord(value)) {
      this.problems.add([], 'A definition is a mapping with version, kind and settings');
      return { kind, name: '', at: [], settings: {}, inner: [] };
    }
    const { version, kind: own, ...rest } = value;
    if (version !== DEFINITION_VERSION) this.problems.add(['version'], `version must be ${DEFINITION_VERSION}`);
    if (own !== kind)
      this.problems.add(['kind'], `kind must be ${kind}, because that is what the definition is put to`);
    return this.read(rest, { kind, name: '', at: [] });
  }

  private read(value: unknown, node: Pick<DefinedNode, 'kind' | 'name' | 'at'>): DefinedNode {
    const level = INNER[node.kind];
    const allowed = ['settings', ...(level === null ? [] : [level.property])];
    const parts = this.mapping(value, node.at);
    for (const name of Object.keys(parts)) {
      if (!allowed.includes(name))
        this.problems.add([...node.at, name], `${told(name)} is not known here; ${of(allowed)}`);
    }
    const settings = this.mapping(parts.settings, [...node.at, 'settings']);
    if (level === null) return { ...node, settings, inner: [] };
    const at = [...node.at, level.property];
    const inner = Object.entries(this.mapping(parts[level.property], at)).map(([name, each]) =>
      this.readInner(each, { kind: level.kind, name, at: [...at, name] }),
    );
    return { ...node, settings, inner };
  }

  private readInner(value: unknown, node: Pick<DefinedNode, 'kind' | 'name' | 'at'>): DefinedNode {
    this.count += 1;
    if (this.count === MAX_NODES + 1) {
      this.problems.add(node.at, `a definition may have at most ${MAX_NODES} stacks, namespaces and modules`);
    }
    if (!NAME.test(node.name)) {
      this.problems.add(
        node.at,
        `the name of a ${node.kind} must be 1 to 100 letters, digits, ".", "_" or "-", beginning with a letter or digit`,
      );
    }
    return this.read(value, node);
  }

  /** Left out, or written without anything in it: nothing. */
  private mapping(value: unknown, at: readonly string[]): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    if (isRecord(value)) return value;
    this.problems.add(at, `${told(at.at(-1)!)} must be a mapping`);
    return {};
  }
}

/** It came from outside: cut, and shown as JSON unless it is plain. */
function told(name: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 64));
}

function of(allowed: readonly string[]): string {
  return allowed.length === 1 ? `it has ${allowed[0]!} only` : `it has ${allowed.join(' and ')}`;
}
