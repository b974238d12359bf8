'use client';

import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconKey, IconLogout, IconPlayerPause, IconSelector, IconTool } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { keys } from '../../api/keys';
import { useMaintenance, usePauses } from '../../api/pauses';
import { signOut, usePermission, useSession } from '../../api/session';
import { HoldBackDialog, type Held } from '../pauses/hold-back-dialog';
import { ChangePasswordDialog } from './change-password-dialog';
import classes from './shell.module.css';

/** The organization, who is signed in with which role, and the way out. */
export function AccountMenu() {
  const client = useQueryClient();
  const me = useSession().data;
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      // Nothing of this person may be shown to the next one on this computer.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] });
      client.setQueryData(keys.session, null);
    },
    onError: (error) => notifications.show({ color: 'red', title: 'Not signed out', message: messageOf(error) }),
  });
  const [asked, setAsked] = useState<Held>('organization');
  const [isAsking, dialog] = useDisclosure(false);
  const [isChangingPassword, password] = useDisclosure(false);
  if (!me) return null;
  return (
    <>
      <Menu position="top-start" width={240} withinPortal>
        <Menu.Target>
          <UnstyledButton className={classes.account}>
            <VisuallyHidden>Account: </VisuallyHidden>
            <Avatar size={30} radius="md" color="ink" name={me.organization.name} />
            <span className={classes.accountText}>
              <Text size="sm" fw={550} truncate>
                {me.organization.name}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {me.name}
              </Text>
            </span>
            <IconSelector size={15} stroke={1.6} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {me.name}
            <br />
            {me.role} in {me.organization.name}
          </Menu.Label>
          <HoldBackItems
            onAsk={(what) => {
              setAsked(what);
              dialog.open();
            }}
          />
          {me.kind === 'user' && (
            <Menu.Item leftSection={<IconKey size={16} />} onClick={password.open}>
              Change password…
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()} disabled={leave.isPending}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isChangingPassword && <ChangePasswordDialog email={me.name} onClose={password.close} />}
      <HoldBackDialog what={asked} isOpen={isAsking} organizationId={me.organization.id} onClose={dialog.close} />
    </>
  );
}

/** For those who may, while it does not hold already: the banner takes back what does. */
function HoldBackItems({ onAsk }: { readonly onAsk: (what: Held) => void }) {
  const mayPause = usePermission('runners:manage');
  const { data: pauses } = usePauses();
  const { data: installation } = useMaintenance();
  const isPaused = pauses?.items.some(({ target }) => target.type === 'organization') ?? true;
  const mayStart = installation?.mayControl === true && installation.maintenance === null;
  return (
    <>
      {mayPause && !isPaused && (
        <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => onAsk('organization')}>
          Pause the organization…
        </Menu.Item>
      )}
      {mayStart && (
        <Menu.Item leftSection={<IconTool size={16} />} onClick={() => onAsk('installation')}>
          Start maintenance…
        </Menu.Item>
      )}
    </>
  );
}
