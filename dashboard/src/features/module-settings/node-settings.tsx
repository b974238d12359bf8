'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useEffectiveSettings } from '../../api/hierarchy';
import { LoadError } from '../../ui/load-error';
import { SettingsList } from './settings-list';
import { scopeOfNode, type SettingsScope } from './settings-scope';

export function NodeSettings({ node }: { readonly node: HierarchyNodeView }) {
  return <WithSettings node={node}>{(scope) => <SettingsList scope={scope} />}</WithSettings>;
}

interface WithSettingsProps {
  readonly node: HierarchyNodeView;
  readonly children: (scope: SettingsScope) => ReactNode;
}

/** What counts for a node, once it is known. */
export function WithSettings({ node, children }: WithSettingsProps) {
  const { data, error, refetch, isFetching } = useEffectiveSettings(node.kind, node.id);
  if (data) return children(scopeOfNode(node, data));
  if (!error) return <Skeleton height={320} radius="lg" role="status" aria-label="Loading the settings" />;
  return (
    <LoadError
      what="The settings"
      detail={messageOf(error)}
      requestId={error instanceof ApiError ? error.requestId : null}
      onRetry={() => void refetch()}
      isRetrying={isFetching}
    />
  );
}
