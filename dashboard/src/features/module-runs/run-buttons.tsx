'use client';

import type { HierarchyNodeView, RunOperation } from '@dibs/shared';
import { ActionIcon, Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconChecklist,
  IconChevronDown,
  IconPlayerPlay,
  IconRefresh,
  IconTrashX,
  IconZoomCheck,
} from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useStartRun } from '../../api/module-runs';
import { ApplyDialog } from './apply-dialog';
import { DestroyDialog } from './destroy-dialog';
import { OPERATION_WORDS, runPath } from './run-words';

/** Nothing for those who may only look. What changes nothing begins at once; the rest is asked for again. */
export function RunButtons({ module }: { readonly module: HierarchyNodeView }) {
  const router = useRouter();
  const start = useStartRun(module.id);
  const [asked, setAsked] = useState<'apply' | 'destroy' | null>(null);
  if (!module.permissions.includes('jobs:submit')) return null;
  const begin = (operation: RunOperation): void =>
    start.mutate(
      { operation },
      {
        onSuccess: ({ id }) => router.push(runPath(id)),
        onError: (error) =>
          notifications.show({
            color: 'red',
            title: `${OPERATION_WORDS[operation]}: not started`,
            message: messageOf(error),
            autoClose: 12_000,
          }),
      },
    );
  const dialog = { module, onClose: () => setAsked(null) };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconZoomCheck size={16} />}
        onClick={() => begin('plan')}
        loading={start.isPending && start.variables.operation === 'plan'}
      >
        Plan
      </Button>
      <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => setAsked('apply')}>
        Apply…
      </Button>
      <Button
        variant="default"
        c="var(--tone-bad)"
        leftSection={<IconTrashX size={16} />}
        onClick={() => setAsked('destroy')}
      >
        Destroy…
      </Button>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More runs">
            <IconChevronDown size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconChecklist size={16} />} onClick={() => begin('validate')}>
            Validate
          </Menu.Item>
          <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => begin('outputs')}>
            Read outputs
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked === 'apply' && <ApplyDialog {...dialog} />}
      {asked === 'destroy' && <DestroyDialog {...dialog} />}
    </>
  );
}
