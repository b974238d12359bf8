'use client';

import type { HierarchyNodeView, ScopeRunOperation } from '@dibs/shared';
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconPlayerPlay, IconTrashX, IconZoomCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunnableKind } from '../../api/scope-runs';
import { StartScopeRunDialog } from './start-scope-run-dialog';

interface ScopeRunButtonsProps {
  readonly node: HierarchyNodeView;
  readonly kind: RunnableKind;
}

/** Everything inside at once; nothing for those who may only look. */
export function ScopeRunButtons({ node, kind }: ScopeRunButtonsProps) {
  const [asked, setAsked] = useState<ScopeRunOperation | null>(null);
  if (!node.permissions.includes('jobs:submit')) return null;
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={16} />}
            rightSection={<IconChevronDown size={14} />}
          >
            Run everything
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconZoomCheck size={16} />} onClick={() => setAsked('plan')}>
            Plan everything…
          </Menu.Item>
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => setAsked('apply')}>
            Apply everything…
          </Menu.Item>
          <Menu.Item leftSection={<IconTrashX size={16} />} color="red" onClick={() => setAsked('destroy')}>
            Destroy everything…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked && <StartScopeRunDialog node={node} kind={kind} operation={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
