'use client';

import type { HierarchyNodeView } from '@dibs/shared';
import { Anchor } from '@mantine/core';
import { IconBox } from '@tabler/icons-react';
import Link from 'next/link';
import { useEffectiveSettings } from '../../api/hierarchy';
import { Notice } from '../../ui/notice';
import { placePath } from '../hierarchy/places';

/** What a module that was never run needs next. */
export function FirstSteps({ module }: { readonly module: HierarchyNodeView }) {
  const { data } = useEffectiveSettings('module', module.id);
  const mayManage = module.permissions.includes('modules:manage');
  const linkTo = (tab: string, words: string) =>
    mayManage && (
      <Anchor component={Link} href={placePath('module', module.id, tab)}>
        {words}
      </Anchor>
    );
  if (data && data.engine.value === null) {
    return (
      <Notice icon={<IconBox size={22} />} title="It needs an engine" actions={linkTo('settings', 'Choose an engine')}>
        Nothing says yet whether terraform, tofu or pulumi deploys this module. It can be said here, or for the whole
        namespace, stack or organization.
      </Notice>
    );
  }
  if (data && data.source.value === null && Object.keys(data.files).length === 0) {
    return (
      <Notice
        icon={<IconBox size={22} />}
        title="It needs a configuration"
        actions={linkTo('settings', 'Name its repository')}
      >
        A git repository under Settings, or files under Inputs and files.
      </Notice>
    );
  }
  return (
    <Notice icon={<IconBox size={22} />} title="Never run so far">
      {module.permissions.includes('jobs:submit')
        ? 'Plan it first: that changes nothing, and shows what applying it would do.'
        : 'An operator can plan and apply it. Its runs are listed here.'}
    </Notice>
  );
}
