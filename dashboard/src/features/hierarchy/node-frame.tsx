'use client';

import type { AssignmentKind, HierarchyNodeView } from '@dibs/shared';
import { Group, Skeleton } from '@mantine/core';
import { useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { useNode } from '../../api/hierarchy';
import { useTab } from '../../live/use-tab';
import { Callout } from '../../ui/callout';
import { PageHeader } from '../../ui/page-header';
import { PageTabs } from '../../ui/page-tabs';
import { LoadedPage } from '../session/loaded-page';
import { Crumbs } from './crumbs';
import { NodeMenu } from './node-menu';
import { placePath, wayTo } from './places';

/** What a page of a node is made of; the first part is shown where the address names none. */
export type NodeParts = Readonly<Record<string, { readonly label: string; readonly show: () => ReactNode }>>;

interface NodeFrameProps {
  readonly kind: AssignmentKind;
  readonly id: string;
  readonly description: string;
  /** Buttons beside the name. */
  readonly actions?: (node: HierarchyNodeView) => ReactNode;
  readonly parts: (node: HierarchyNodeView) => NodeParts;
}

/** Head of the page of a stack, namespace or module, and the part of it that the address names. */
export function NodeFrame({ kind, id, description, actions, parts }: NodeFrameProps) {
  const query = useNode(kind, id);
  const wanted = useSearchParams().get('tab');
  useTab(query.data?.path ?? kind);
  return (
    <LoadedPage
      query={query}
      what={kind}
      missing="It was deleted, belongs to another organization, or the address is incomplete."
      wayOut={{ href: '/modules', label: 'All stacks' }}
      skeleton={<Skeleton height={220} radius="lg" role="status" aria-label={`Loading the ${kind}`} />}
    >
      {(node, readProblem) => {
        const all = parts(node);
        const [first = ''] = Object.keys(all);
        const tab = wanted !== null && Object.hasOwn(all, wanted) ? wanted : first;
        const pathOf = (part: string): string => placePath(kind, id, part === first ? undefined : part);
        return (
          <>
            <PageHeader
              above={<Crumbs places={wayTo(node).slice(0, -1)} />}
              title={node.name}
              description={description}
              actions={
                <Group gap="xs">
                  {actions?.(node)}
                  {node.permissions.includes('modules:manage') && <NodeMenu node={node} />}
                </Group>
              }
            />
            <PageTabs
              label={node.path}
              tabs={Object.entries(all).map(([part, { label }]) => ({ href: pathOf(part), label }))}
              current={pathOf(tab)}
            />
            {readProblem && (
              <div style={{ marginBottom: 14 }}>
                <Callout tone="warn" role="status">
                  This page may be behind: {readProblem}
                </Callout>
              </div>
            )}
            {all[tab]?.show()}
          </>
        );
      }}
    </LoadedPage>
  );
}
