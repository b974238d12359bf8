import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { HIERARCHY_LEVELS, type HierarchyLevel, type ModuleSettings, type ModuleSettingsPatch } from '@dibs/shared';
import { seeded } from '../../test/support/seeded.js';
import { mergeSettings } from '../domain/modules/merge-settings.js';
import { INNER, readDefinedNodes, type DefinedNode } from './defined-node.js';
import { DefinitionProblems } from './definition-text.js';
import type { StoredNode } from './definition.repository.js';
import { everyNode, fullPath } from './module-paths.js';
import { readYaml } from './read-yaml.js';
import { settingsDifference } from './settings-difference.js';
import { wantedSettings } from './wanted-settings.js';
import { writeDefinition } from './write-definition.js';

/** The same definitions in every run. */
function randomOf(seed: number) {
  const next = seeded(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)]!, happens: () => next() < 0.5 };
}
type Random = ReturnType<typeof randomOf>;

/** Where writers and readers of YAML disagree. */
const PIECES = [
  ...[
    'a',
    'Z',
    '0',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '\t',
    '"',
    "'",
    '\\',
    '#',
    ' #',
    ': ',
    ':',
    '- ',
    '-',
    '? ',
  ],
  ...[
    '*',
    '&',
    '!',
    '%',
    '@',
    '`',
    '|',
    '>',
    '{',
    '}',
    '[',
    ']',
    ',',
    '~',
    '=',
    '<<',
    '---',
    '...',
    'null',
    'true',
    'on',
  ],
  ...['0x1f', '1e3', '.inf', '2026-11-21', 'ä', '🙂', '\u0085', '\u2028', '\ufeff', '\u0007', '\u007f', '\ufffe', '$'],
];
const textOf = (random: Random, longest = 12): string =>
  Array.from({ length: random.below(longest) }, () => random.pick(PIECES)).join('');
const NAMES = ['a', 'b1', '_c', 'D', 'null', 'y', 'toString', 'n0'];
const PATHS = ['main.tf', 'a b.txt', 'x/y.json', '~', 'null', "it's", '- z', 'ä'];

function someOf<T>(random: Random, names: readonly string[], make: () => T): Record<string, T> {
  return Object.fromEntries(names.filter(() => random.happens()).map((name) => [name, make()]));
}

function settingsOf(random: Random, kind: HierarchyLevel, moduleIds: readonly string[]): ModuleSettings {
  const input = () =>
    random.pick([
      () => ({ type: 'literal', value: textOf(random) }) as const,
      () => ({ type: 'secret', value: 'long enough' }) as const,
      () => ({ type: 'none' }) as const,
      () => ({ type: 'output', moduleId: random.pick(moduleIds), output: 'id' }) as const,
      () => (kind === 'module' ? ({ type: 'namespace', name: 'x' } as const) : ({ type: 'none' } as const)),
    ])();
  const file = () =>
    random.happens() ? { type: 'text' as const, content: textOf(random, 30) } : { type: 'none' as const };
  const script = () => ({
    type: 'script' as const,
    run: `x${textOf(random, 30)}`,
    shell: random.pick(['bash', 'sh'] as const),
  });
  const all: ModuleSettingsPatch = {
    engine: { name: 'tofu', version: random.pick([null, '>=1 <2']) },
    placement: random.pick([{}, { runner: 'pool' }, { runner: 'pool', instance: '007' }]),
    labels: someOf(random, ['zone', 'a.b/c', 'no'], () => random.pick(['eu', '1', 'yes'])),
    timeoutSeconds: 1 + random.below(1000),
    variables: someOf(random, NAMES, input),
    environment: someOf(random, NAMES, input),
    files: someOf(random, PATHS, file),
    hooks: someOf(random, ['before:plan', 'after:apply'], script),
    source: {
      type: 'git',
      url: 'https://git.example/x',
      revision: random.pick([null, 'main', '1e3']),
      path: random.pick([null, 'a/b']),
    },
    backend: someOf(random, ['key', 'on'], () => textOf(random)),
    flags: { plan: ['-refresh=false', '-target=a["b"]'] },
    workspace: random.pick(['w', '1']),
    approval: random.pick([{ when: 'never' }, { expiresAfterSeconds: 60 }]),
    triggerOnUpstreamOutputChanged: random.happens(),
    sourcePolling: { everySeconds: random.pick([null, 60]) },
  };
  return mergeSettings({}, Object.fromEntries(Object.entries(all).filter(() => random.happens())));
}

function treeOf(random: Random, kind: HierarchyLevel): StoredNode {
  const moduleIds = Array.from({ length: 8 }, (_, index) => `0197a000-0000-7000-8000-00000000000${index}`);
  let made = 0;
  const build = (level: HierarchyLevel, path: string): StoredNode => {
    const id = level === 'module' && made < moduleIds.length ? moduleIds[made++]! : `${level} ${path}`;
    const inner = new Map<string, StoredNode>();
    const within = INNER[level];
    for (const name of within === null ? [] : ['10', '9', 'null'].filter(() => random.happens())) {
      inner.set(name, build(within!.kind, path === '' ? name : `${path}/${name}`));
    }
    return { kind: level, id, path, settings: settingsOf(random, level, moduleIds), inner };
  };
  return build(kind, ['', 'prod', 'prod/net', 'prod/net/vpc'][HIERARCHY_LEVELS.indexOf(kind)]!);
}

/** The levels of the definition beside those that it was written of. */
function* pairsOf(defined: DefinedNode, stored: StoredNode): Generator<[DefinedNode, StoredNode]> {
  yield [defined, stored];
  expect(defined.inner.map(({ name }) => name).sort()).toEqual([...stored.inner.keys()].sort());
  for (const inner of defined.inner) yield* pairsOf(inner, stored.inner.get(inner.name)!);
}

/** As PostgreSQL may give it back: the same in another order. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, inner]) => [name, turned(inner)])) as T;
}

test.each(HIERARCHY_LEVELS)('what is written of a %s, whatever is in it, asks for no change of it', async (kind) => {
  for (let seed = 0; seed < 8; seed += 1) {
    const root = treeOf(randomOf(seed), kind);
    const nodes = [...everyNode(root)];
    const paths = new Map(nodes.map(({ id, path }) => [id, path]));
    const pathOf = (id: string): string => paths.get(id) ?? `far/away/${id}`;
    const text = writeDefinition(root, pathOf);

    const read = readYaml(Buffer.from(text));
    const problems = new DefinitionProblems(read);
    const ids = new Map(nodes.map(({ id, path }) => [path, id]));
    const idOf = (named: string): string | null => {
      const full = fullPath(root.path, named);
      return ids.get(full) ?? (full.startsWith('far/away/') ? full.slice(9) : null);
    };
    for (const [defined, stored] of pairsOf(readDefinedNodes(read, kind, problems), root)) {
      const wanted = await wantedSettings(defined, idOf, problems);
      expect({ seed, ...settingsDifference(stored.settings, wanted) }).toEqual({ seed, patch: {}, names: [] });
    }
    problems.assertNone(400, `seed ${seed}`);

    const turn = (node: StoredNode): StoredNode => ({
      ...node,
      settings: turned(node.settings),
      inner: new Map([...node.inner].reverse().map(([name, inner]) => [name, turn(inner)])),
    });
    expect(writeDefinition(turn(root), pathOf)).toBe(text);
  }
});

test('of a change only what changes is asked for, and a secret that is given always', () => {
  const stored = mergeSettings(
    {},
    {
      timeoutSeconds: 5,
      labels: { zone: 'eu' },
      variables: {
        a: { type: 'literal', value: '1' },
        b: { type: 'secret', value: 'long enough' },
        c: { type: 'none' },
      },
    },
  );
  const settings: ModuleSettingsPatch = {
    timeoutSeconds: 5,
    workspace: 'w',
    variables: { a: { type: 'literal', value: '2' }, b: { type: 'secret', value: 'long enough' } },
  };
  const changes = { labels: null, workspace: 'w' };
  const variables = { a: { type: 'literal', value: '2' }, c: null };
  expect(settingsDifference(stored, { settings, isKept: () => true })).toEqual({
    patch: { ...changes, variables },
    names: ['labels', 'variables.a', 'variables.c', 'workspace'],
  });
  expect(settingsDifference(stored, { settings, isKept: () => false }).patch).toEqual({
    ...changes,
    variables: { ...variables, b: { type: 'secret', value: 'long enough' } },
  });
});
