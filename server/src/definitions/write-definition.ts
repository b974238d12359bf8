import { isDeepStrictEqual } from 'node:util';
import { dump } from 'js-yaml';
import type { ModuleSettings } from '@dibs/shared';
import { mergeSettings } from '../domain/modules/merge-settings.js';
import { DEFINITION_VERSION, INNER } from './defined-node.js';
import type { StoredNode } from './definition.repository.js';
import { pathInDefinition } from './module-paths.js';

/**
 * What is stored as a definition: everything in an order of its own, so that the same always makes the same text, and a
 * change of one thing changes its lines only.
 *
 * @param pathOf of a module by its id, from the stack on
 */
export function writeDefinition(root: StoredNode, pathOf: (id: string) => string): string {
  const named = (id: string): string => pathInDefinition(root.path, pathOf(id));
  const definition = { version: DEFINITION_VERSION, kind: root.kind, ...nodeIn(root, named) };
  // no line is folded: its end would move when its beginning changes
  return dump(definition, { lineWidth: -1, noRefs: true });
}

function nodeIn({ kind, settings, inner }: StoredNode, named: (id: string) => string): object {
  const level = INNER[kind];
  const own = Object.keys(settings).length === 0 ? {} : { settings: settingsIn(settings, named) };
  if (level === null || inner.size === 0) return own;
  const names = [...inner.keys()].sort();
  return { ...own, [level.property]: Object.fromEntries(names.map((name) => [name, nodeIn(inner.get(name)!, named)])) };
}

function settingsIn(settings: ModuleSettings, named: (id: string) => string): unknown {
  const told = Object.entries(settings).map(([setting, value]) => [
    setting,
    setting === 'variables' || setting === 'environment'
      ? inputsIn(value as NonNullable<ModuleSettings['variables']>, named)
      : briefly(setting, value),
  ]);
  return ordered(Object.fromEntries(told));
}

function inputsIn(inputs: NonNullable<ModuleSettings['variables']>, named: (id: string) => string): object {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]): [string, object] => {
      if (input.type !== 'output') return [name, input];
      const { moduleId, ...rest } = input;
      return [name, { ...rest, module: named(moduleId) }];
    }),
  );
}

/** Without the parts that a change fills in by itself. */
function briefly(setting: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
  const filled = mergeSettings({}, { [setting]: given }) as Readonly<Record<string, unknown>>;
  return isDeepStrictEqual(filled[setting], value) ? given : value;
}

/** By names, `type` first because it says what the others mean. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  entries.sort(([a], [b]) => Number(b === 'type') - Number(a === 'type') || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}
