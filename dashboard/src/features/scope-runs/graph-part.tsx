'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { Skeleton } from '@mantine/core';
import { IconBox } from '@tabler/icons-react';
import { ApiError, messageOf } from '../../api/api-error';
import { useModuleGraph, type RunnableKind } from '../../api/scope-runs';
import { Callout } from '../../ui/callout';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { AboveList } from '../administration/administration-frame';
import { placePath } from '../hierarchy/places';
import { GraphView } from './graph-view';
import type { ShownModule } from './module-list';
import { nameInside, orderOf } from './module-order';

interface GraphPartProps {
  readonly node: HierarchyNodeView;
  readonly kind: RunnableKind;
}

/** Which module takes what of which other one. */
export function GraphPart({ node, kind }: GraphPartProps) {
  const { data, error, refetch, isFetching } = useModuleGraph(kind, node.id);
  if (!data) {
    return error ? (
      <LoadError
        what="The graph"
        detail={messageOf(error)}
        requestId={error instanceof ApiError ? error.requestId : null}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    ) : (
      <Skeleton height={240} radius="lg" role="status" aria-label="Loading the graph" />
    );
  }
  if (data.modules.length === 0) {
    return (
      <Notice icon={<IconBox size={22} />} title="No module yet">
        Modules of this {kind} are shown here with the outputs that they take of each other.
      </Notice>
    );
  }
  const modules = data.modules.map(({ moduleId, path, isInside }): ShownModule => ({
    id: moduleId,
    name: nameInside(path, node.path),
    href: placePath('module', moduleId),
    state: null,
    note: null,
    isElsewhere: !isInside,
  }));
  const order = orderOf(
    modules.map(({ id }) => id),
    data.dependencies,
  );
  const nameOf = (id: string): string => modules.find((module) => module.id === id)?.name ?? 'another module';
  return (
    <>
      <AboveList>
        {data.dependencies.length === 0
          ? 'None of these modules takes an output of another one, so all of them can run at the same time.'
          : 'A module is applied after those whose outputs it takes, and destroyed before them. What has the same number runs at the same time.'}
      </AboveList>
      {data.circles.map((circle) => (
        <div key={circle.join(' ')} style={{ marginBottom: 14 }}>
          <Callout tone="warn" role="status">
            These take each other’s outputs in a circle, so they cannot be run together:{' '}
            {circle.map((id) => nameOf(id)).join(' → ')}
          </Callout>
        </div>
      ))}
      <GraphView modules={modules} dependencies={data.dependencies} order={order} />
    </>
  );
}
