'use client';

import { useSearchParams } from 'next/navigation';
import { usePermission } from '../../api/session';
import { useTab } from '../../live/use-tab';
import { PageHeader } from '../../ui/page-header';
import { PageTabs } from '../../ui/page-tabs';
import { OrganizationInputs, OrganizationModuleSettings } from '../module-settings/organization-settings';
import { DefinitionPart } from '../definitions/definition-part';
import { NodeList } from './node-list';

const TABS = [
  { href: '/modules', label: 'Stacks' },
  { href: '/modules?tab=inputs', label: 'Inputs and files' },
  { href: '/modules?tab=settings', label: 'Settings' },
  { href: '/modules?tab=definition', label: 'Definition' },
];

/** All stacks of the organization, and what their modules start from. */
export function StacksPage() {
  useTab('Modules');
  const tab = useSearchParams().get('tab');
  const mayManage = usePermission('modules:manage');
  return (
    <>
      <PageHeader
        title="Modules"
        description="What is deployed again and again, in stacks and namespaces that share settings."
      />
      <PageTabs
        label="Modules"
        tabs={TABS}
        current={TABS.find(({ href }) => href === `/modules?tab=${tab}`)?.href ?? '/modules'}
      />
      {tab === 'inputs' ? (
        <OrganizationInputs mayManage={mayManage} />
      ) : tab === 'settings' ? (
        <OrganizationModuleSettings mayManage={mayManage} />
      ) : tab === 'definition' ? (
        <DefinitionPart holder={null} name="organization" mayManage={mayManage} />
      ) : (
        <NodeList kind="stack" parentId={null} mayManage={mayManage} />
      )}
    </>
  );
}
