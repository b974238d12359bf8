import { describe, expect, test } from '@jest/globals';
import type { EffectiveInput } from '@dibs/shared';
import { dependenciesOf, orderOf } from './module-graph.js';

const NODES = ['a', 'b', 'c', 'd'] as const;
const PAIRS = NODES.flatMap((from) => NODES.flatMap((to) => (from === to ? [] : [{ from, to }])));

/** Every graph that four modules can make. */
function* everyGraph() {
  for (let bits = 0; bits < 2 ** PAIRS.length; bits += 1) yield PAIRS.filter((_, index) => (bits >> index) & 1);
}

/** The plain definition, by Warshall: whether there is a way from one to the other. */
function ways(edges: readonly { from: string; to: string }[]): Set<string> {
  const found = new Set(edges.map(({ from, to }) => from + to));
  for (const via of NODES)
    for (const from of NODES)
      for (const to of NODES) if (found.has(from + via) && found.has(via + to)) found.add(from + to);
  return found;
}

describe('the order of modules', () => {
  test('of every graph of four has each behind those it takes from, and names exactly what is in a circle', () => {
    for (const edges of everyGraph()) {
      const { order, circles } = orderOf(NODES, edges);
      const way = ways(edges);
      const misplaced = edges.filter(
        ({ from, to }) => order.includes(to) && !(order.indexOf(from) < order.indexOf(to)),
      );
      const inCircle = NODES.filter((id) => way.has(id + id));
      const placed = NODES.filter((id) => !inCircle.some((other) => other === id || way.has(other + id)));
      const apart = circles.flatMap((circle) =>
        circle.flatMap((id) =>
          NODES.filter((other) => circle.includes(other) !== (way.has(id + other) && way.has(other + id))),
        ),
      );
      expect([edges, misplaced, [...order].sort(), circles.flat().sort(), apart]).toEqual([
        edges,
        [],
        placed,
        inCircle,
        [],
      ]);
    }
  });

  test('is the one that was given where nothing else is asked for, and leaves out what is elsewhere', () => {
    const edges = [
      { from: 'elsewhere', to: 'a' },
      { from: 'c', to: 'a' },
      { from: 'b', to: 'elsewhere' },
    ];
    expect(orderOf(['a', 'b', 'c', 'd'], edges)).toEqual({ order: ['b', 'c', 'd', 'a'], circles: [] });
  });
});

test('a module depends on those whose outputs it takes, each once, and not on itself', () => {
  const taking = (moduleId: string, output: string): EffectiveInput => ({
    ...{ value: { type: 'output', moduleId, output }, origin: 'module', name: output },
  });
  const literal: EffectiveInput = { value: { type: 'literal', value: 'x' }, origin: 'module', name: 'l' };
  const inputs = {
    variables: { x: taking('net', 'vpc'), y: taking('app', 'url'), l: literal },
    environment: { A: taking('net', 'cidr'), B: taking('net', 'vpc'), C: taking('dns', 'zone') },
  };
  expect(dependenciesOf([{ moduleId: 'app', inputs }])).toEqual([
    { from: 'net', to: 'app', outputs: ['cidr', 'vpc'] },
    { from: 'dns', to: 'app', outputs: ['zone'] },
  ]);
});
