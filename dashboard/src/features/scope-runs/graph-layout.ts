import { Graph, layout } from '@dagrejs/dagre';
import type { ModuleDependency } from '@dibs/shared';

export const NODE = { width: 196, height: 46 } as const;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** Left upper corners. */
  readonly nodes: ReadonlyMap<string, Point>;
  readonly edges: readonly { readonly from: string; readonly to: string; readonly points: readonly Point[] }[];
}

/** Places modules in layers from left to right, those that put out before those that take. */
export function layoutOf(
  ids: readonly string[],
  dependencies: readonly Pick<ModuleDependency, 'from' | 'to'>[],
): GraphLayout {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 56, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { ...NODE });
  const known = new Set(ids);
  for (const { from, to } of dependencies) if (known.has(from) && known.has(to)) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { readonly width?: number; readonly height?: number };
  const nodes = new Map(
    ids.map((id) => {
      const { x, y } = graph.node(id) as Point;
      return [id, { x: x - NODE.width / 2, y: y - NODE.height / 2 }];
    }),
  );
  const edges = graph.edges().map(({ v: from, w: to }) => {
    const { points } = graph.edge(from, to) as { readonly points: readonly Point[] };
    // dagre lets a line begin anywhere on the border of a box
    const [begin, end] = [besides(nodes.get(from)!, NODE.width), besides(nodes.get(to)!, 0)];
    return { from, to, points: [begin, ...points.slice(1, -1), end] };
  });
  return { width, height, nodes, edges };
}

/** In the middle of the height of a box. */
function besides({ x, y }: Point, shift: number): Point {
  return { x: x + shift, y: y + NODE.height / 2 };
}

/** A smooth line through the points, as the `d` of an SVG path. */
export function lineThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let before = first;
  const curves = rest.map((point) => {
    const middle = (before.x + point.x) / 2;
    const curve = `C ${middle} ${before.y}, ${middle} ${point.y}, ${point.x} ${point.y}`;
    before = point;
    return curve;
  });
  return [`M ${first.x} ${first.y}`, ...curves].join(' ');
}
