'use client';

import type { ServicePrincipalView } from '@dibs/shared';
import { Menu } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRotate, IconTrash, IconUserShield } from '@tabler/icons-react';
import { useState } from 'react';
import { usePermission, useSession } from '../../api/session';
import { DeletePrincipalDialog, DisablePrincipalDialog, PrincipalRoleDialog } from './principal-dialogs';
import { mayGrant } from './roles';
import { RotateSecretDialog } from './rotate-secret-dialog';
import { RowMenu } from './row-menu';
import { clientCredentials, type ShownSecret } from './secret-dialog';

interface PrincipalMenuProps {
  readonly principal: ServicePrincipalView;
  readonly onSecret: (secret: ShownSecret) => void;
}

export function PrincipalMenu({ principal, onSecret }: PrincipalMenuProps) {
  const own = useSession().data?.role;
  const mayManage = usePermission('access:manage') && mayGrant(own, principal.role);
  const [asked, setAsked] = useState<'role' | 'rotate' | 'disabled' | 'delete' | null>(null);
  if (!mayManage) return null;
  const { id, name, role, disabled } = principal;
  const dialog = { principal, onClose: () => setAsked(null) };
  return (
    <>
      <RowMenu label={`Actions for ${name}`}>
        <Menu.Item leftSection={<IconRotate size={16} />} onClick={() => setAsked('rotate')}>
          Rotate secret…
        </Menu.Item>
        {role !== null && (
          <Menu.Item leftSection={<IconUserShield size={16} />} onClick={() => setAsked('role')}>
            Change role…
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={disabled ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={() => setAsked('disabled')}
        >
          {disabled ? 'Enable…' : 'Disable…'}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => setAsked('delete')}>
          Delete…
        </Menu.Item>
      </RowMenu>
      {asked === 'role' && <PrincipalRoleDialog {...dialog} />}
      {asked === 'rotate' && (
        <RotateSecretDialog
          principalId={id}
          name={name}
          onClose={dialog.onClose}
          onRotated={(created) => {
            dialog.onClose();
            onSecret(clientCredentials(created));
          }}
        />
      )}
      {asked === 'disabled' && <DisablePrincipalDialog {...dialog} />}
      {asked === 'delete' && <DeletePrincipalDialog {...dialog} />}
    </>
  );
}
