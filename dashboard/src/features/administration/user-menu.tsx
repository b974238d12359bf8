'use client';

import type { UserView } from '@dibs/shared';
import { Menu } from '@mantine/core';
import { IconKey, IconUserCheck, IconUserOff, IconUserShield } from '@tabler/icons-react';
import { useState } from 'react';
import { usePermission, useSession } from '../../api/session';
import { mayGrant } from './roles';
import { RowMenu } from './row-menu';
import type { ShownSecret } from './secret-dialog';
import { DisableUserDialog, ResetPasswordDialog, UserRoleDialog } from './user-dialogs';

interface UserMenuProps {
  readonly user: UserView;
  readonly onSecret: (secret: ShownSecret) => void;
}

export function UserMenu({ user, onSecret }: UserMenuProps) {
  const own = useSession().data?.role;
  const mayManage = usePermission('access:manage') && mayGrant(own, user.role);
  const [asked, setAsked] = useState<'role' | 'password' | 'disabled' | null>(null);
  if (!mayManage) return null;
  const dialog = { user, onClose: () => setAsked(null) };
  return (
    <>
      <RowMenu label={`Actions for ${user.email}`}>
        <Menu.Item leftSection={<IconUserShield size={16} />} onClick={() => setAsked('role')}>
          Change role…
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setAsked('password')}>
          Reset password…
        </Menu.Item>
        {user.disabled ? (
          <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => setAsked('disabled')}>
            Enable…
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconUserOff size={16} />} color="red" onClick={() => setAsked('disabled')}>
            Disable…
          </Menu.Item>
        )}
      </RowMenu>
      {asked === 'role' && <UserRoleDialog {...dialog} />}
      {asked === 'password' && <ResetPasswordDialog {...dialog} onSecret={onSecret} />}
      {asked === 'disabled' && <DisableUserDialog {...dialog} />}
    </>
  );
}
