'use client';

import type { RunnerView } from '@dibs/shared';
import { ActionIcon, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconDroplet, IconDropletOff, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { messageOf } from '../../api/api-error';
import { useDrainRunner, useUpdateRunner } from '../../api/runners';
import classes from './runners.module.css';

export function RunnerMenu({ runner }: { readonly runner: RunnerView }) {
  const update = useUpdateRunner(runner.id);
  const drain = useDrainRunner(runner.id);
  const setDrained = (wanted: boolean): void =>
    drain.mutate(wanted, {
      onError: (error) => notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) }),
    });
  const setDisabled = (disabled: boolean): void =>
    update.mutate(
      { disabled },
      { onError: (error) => notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) }) },
    );
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.menu}
          loading={update.isPending || drain.isPending}
          aria-label={`Actions for runner ${runner.name}`}
        >
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDroplet size={16} />} onClick={() => setDrained(true)}>
          Drain all instances
        </Menu.Item>
        <Menu.Item leftSection={<IconDropletOff size={16} />} onClick={() => setDrained(false)}>
          Undrain all instances
        </Menu.Item>
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
      </Menu.Dropdown>
    </Menu>
  );
}
