'use client';

import type { ModuleDependency } from '@dibs/shared';
import Link from 'next/link';
import { useMemo } from 'react';
import { layoutOf, lineThrough, NODE } from './graph-layout';
import type { ShownModule } from './module-list';
import classes from './scope-runs.module.css';

interface GraphPictureProps {
  readonly modules: readonly ShownModule[];
  readonly dependencies: readonly ModuleDependency[];
}

/** For eyes alone: the list beside it says the same in words. */
export function GraphPicture({ modules, dependencies }: GraphPictureProps) {
  const ids = modules.map(({ id }) => id).join(' ');
  const { width, height, nodes, edges } = useMemo(
    () => layoutOf(ids === '' ? [] : ids.split(' '), dependencies),
    [ids, dependencies],
  );
  return (
    // it scrolls by keyboard too
    <div className={classes.picture} tabIndex={0} role="region" aria-label="Picture of the graph">
      <div className={classes.canvas} style={{ width, height }} aria-hidden>
        <svg className={classes.edges} width={width} height={height}>
          <defs>
            <marker id="graph-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M 0 0.5 L 7.5 4 L 0 7.5 z" />
            </marker>
          </defs>
          {edges.map(({ from, to, points }) => (
            <path key={`${from} ${to}`} d={lineThrough(points)} markerEnd="url(#graph-arrow)" />
          ))}
        </svg>
        {modules.map(({ id, name, note, href, state, isElsewhere }) => (
          <Link
            key={id}
            href={href}
            tabIndex={-1}
            className={classes.node}
            data-tone={state?.tone}
            data-elsewhere={isElsewhere || undefined}
            style={{ ...NODE, left: nodes.get(id)?.x, top: nodes.get(id)?.y }}
            title={note === null ? name : `${name}: ${note}`}
          >
            <span className={classes.nodeName}>{name}</span>
            {(state ?? isElsewhere) && <span className={classes.nodeState}>{state?.word ?? 'elsewhere'}</span>}
          </Link>
        ))}
      </div>
    </div>
  );
}
