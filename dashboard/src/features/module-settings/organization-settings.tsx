'use client';

import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useOrganizationSettings } from '../../api/hierarchy';
import { LoadError } from '../../ui/load-error';
import { InputSections } from './input-sections';
import { SettingsList } from './settings-list';
import { scopeOfOrganization, type SettingsScope } from './settings-scope';

/** What every module of the organization starts from. */
export function OrganizationModuleSettings({ mayManage }: { readonly mayManage: boolean }) {
  return <WithOrganization mayManage={mayManage}>{(scope) => <SettingsList scope={scope} />}</WithOrganization>;
}

export function OrganizationInputs({ mayManage }: { readonly mayManage: boolean }) {
  return <WithOrganization mayManage={mayManage}>{(scope) => <InputSections scope={scope} />}</WithOrganization>;
}

interface WithOrganizationProps {
  readonly mayManage: boolean;
  readonly children: (scope: SettingsScope) => ReactNode;
}

function WithOrganization({ mayManage, children }: WithOrganizationProps) {
  const { data, error, refetch, isFetching } = useOrganizationSettings();
  if (data) return children(scopeOfOrganization(data.settings, mayManage));
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
