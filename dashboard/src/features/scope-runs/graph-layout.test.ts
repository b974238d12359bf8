import { expect, test } from '@jest/globals';
import { layoutOf, lineThrough, NODE } from './graph-layout';

test('who takes stands to the right of who puts out, and no two boxes lie on each other', () => {
  const ids = ['a', 'b', 'c', 'd', 'alone'];
  const edges = [
    { from: 'a', to: 'b' },
    { from: 'a', to: 'c' },
    { from: 'b', to: 'd' },
    { from: 'elsewhere', to: 'd' },
  ];
  const { nodes, edges: drawn, width, height } = layoutOf(ids, edges);
  for (const { from, to } of edges.slice(0, 3)) {
    expect(nodes.get(from)!.x + NODE.width).toBeLessThan(nodes.get(to)!.x);
  }
  expect(drawn.map(({ from, to }) => `${from}${to}`).sort()).toEqual(['ab', 'ac', 'bd']);
  for (const one of ids) {
    const { x, y } = nodes.get(one)!;
    expect([x >= 0, y >= 0, x + NODE.width <= width, y + NODE.height <= height]).toEqual([true, true, true, true]);
    for (const other of ids.filter((id) => id !== one)) {
      const [dx, dy] = [Math.abs(x - nodes.get(other)!.x), Math.abs(y - nodes.get(other)!.y)];
      expect(dx >= NODE.width || dy >= NODE.height).toBe(true);
    }
  }
});

test('a line through points', () => {
  expect(lineThrough([])).toBe('');
  expect(
    lineThrough([
      { x: 0, y: 0 },
      { x: 10, y: 4 },
    ]),
  ).toBe('M 0 0 C 5 0, 5 4, 10 4');
});
