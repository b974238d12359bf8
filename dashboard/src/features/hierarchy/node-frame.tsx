'use client';

import type { AssignmentKind, HierarchyNodeView } from '@dibs/shared';
import { Anchor, Group, Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconFileUnknown } from '@tabler/icons-react';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { ApiError, isApiError, messageOf } from '../../api/api-error';
import { useNode } from '../../api/hierarchy';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { PageHeader } from '../../ui/page-header';
import { PageTabs } from '../../ui/page-tabs';
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
  const { data: node, error, refetch, isFetching } = useNode(kind, id);
  const wanted = useSearchParams().get('tab');
  useDocumentTitle(`${node?.path ?? kind} · Dibs`);
  if (isApiError(error, 404) || isApiError(error, 400)) return <NoSuchNode kind={kind} />;
  if (!node) {
    return error ? (
      <LoadError
        what={`The ${kind}`}
        detail={messageOf(error)}
        requestId={error instanceof ApiError ? error.requestId : null}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    ) : (
      <Skeleton height={220} radius="lg" role="status" aria-label={`Loading the ${kind}`} />
    );
  }
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
      {all[tab]?.show()}
    </>
  );
}

function NoSuchNode({ kind }: { readonly kind: AssignmentKind }) {
  return (
    <Notice
      icon={<IconFileUnknown size={22} />}
      title={`There is no such ${kind}`}
      actions={
        <Anchor component={Link} href="/modules">
          All stacks
        </Anchor>
      }
    >
      It was deleted, belongs to another organization, or the address is incomplete.
    </Notice>
  );
}
