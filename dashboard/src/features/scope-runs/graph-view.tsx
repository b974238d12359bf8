'use client';

import type { ModuleDependency } from '@dibs/shared';
import { Paper, Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import dynamic from 'next/dynamic';
import { NOT_A_PHONE } from '../administration/paged-table';
import { ModuleList, type ShownModule } from './module-list';
import type { ModuleOrder } from './module-order';
import classes from './scope-runs.module.css';

/** It brings what places the boxes, which no other page needs. */
const GraphPicture = dynamic(() => import('./graph-picture').then((loaded) => loaded.GraphPicture), {
  ssr: false,
  loading: () => <Skeleton height={160} radius="lg" />,
});

/** More boxes than anybody can follow the lines of. */
const MOST_IN_PICTURE = 150;

interface GraphViewProps {
  readonly modules: readonly ShownModule[];
  readonly dependencies: readonly ModuleDependency[];
  readonly order: ModuleOrder;
}

/** A picture where there is room and something to see in it, and always the list. */
export function GraphView({ modules, dependencies, order }: GraphViewProps) {
  const hasRoom = useMediaQuery(NOT_A_PHONE);
  const isPicture = hasRoom && dependencies.length > 0 && modules.length <= MOST_IN_PICTURE;
  return (
    <div className={classes.graph}>
      {isPicture && (
        <Paper radius="lg" className={classes.paper}>
          <GraphPicture modules={modules} dependencies={dependencies} />
        </Paper>
      )}
      <ModuleList modules={modules} order={order} dependencies={dependencies} />
    </div>
  );
}
