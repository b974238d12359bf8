'use client';

import type { RunnerView } from '@dibs/shared';
import { ActionIcon, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconBoxMultiple,
  IconDots,
  IconDroplet,
  IconDropletOff,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRotate,
  IconTrash,
  IconWorld,
} from '@tabler/icons-react';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useDrainRunner, useUpdateRunner } from '../../api/runners';
import { DeleteRunner } from './delete-runner';
import { DrainAllDialog } from './drain-all-dialog';
import { RenameRunner } from './rename-runner';
import { RotateCredentials } from './rotate-credentials';

const notChanged = (error: Error): void => {
  notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) });
};

export function RunnerMenu({ runner }: { readonly runner: RunnerView }) {
  const update = useUpdateRunner(runner.id);
  const drain = useDrainRunner(runner.id);
  const [asked, setAsked] = useState<'drain' | 'rename' | 'rotate' | 'delete' | null>(null);
  const setDisabled = (disabled: boolean): void => update.mutate({ disabled }, { onError: notChanged });
  const setTakesAny = (isAssignedToAllModules: boolean): void =>
    update.mutate({ isAssignedToAllModules }, { onError: notChanged });
  const undrain = (): void => drain.mutate({ wanted: false, deadlineSeconds: null }, { onError: notChanged });
  const dialog = { runner, onClose: () => setAsked(null) };
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={update.isPending || drain.isPending}
            aria-label={`Actions for runner ${runner.name}`}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDroplet size={16} />} onClick={() => setAsked('drain')}>
            Drain all instances…
          </Menu.Item>
          <Menu.Item leftSection={<IconDropletOff size={16} />} onClick={undrain}>
            Undrain all instances
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setAsked('rename')}>
            Rename…
          </Menu.Item>
          <Menu.Item
            leftSection={runner.isAssignedToAllModules ? <IconBoxMultiple size={16} /> : <IconWorld size={16} />}
            onClick={() => setTakesAny(!runner.isAssignedToAllModules)}
          >
            {runner.isAssignedToAllModules ? 'Take only what it is assigned to' : 'Take any job'}
            <Text size="xs" c="dimmed">
              Stacks, namespaces and modules have their runners under “Access and runners”
            </Text>
          </Menu.Item>
          <Menu.Item leftSection={<IconRotate size={16} />} onClick={() => setAsked('rotate')}>
            Rotate credentials…
          </Menu.Item>
          <Menu.Divider />
          {runner.disabled ? (
            <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => setDisabled(false)}>
              Enable
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerPause size={16} />} color="red" onClick={() => setDisabled(true)}>
              Disable
              <Text size="xs" c="dimmed">
                Its instances are disconnected and cannot come back
              </Text>
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => setAsked('delete')}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked === 'drain' && <DrainAllDialog {...dialog} />}
      {asked === 'rename' && <RenameRunner {...dialog} />}
      {asked === 'rotate' && <RotateCredentials {...dialog} />}
      {asked === 'delete' && <DeleteRunner {...dialog} />}
    </>
  );
}
