'use client';

import type { UserView } from '@dibs/shared';
import { Badge, Button, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useState } from 'react';
import { useUsers } from '../../api/access';
import { usePermission, useSession } from '../../api/session';
import { Notice } from '../../ui/notice';
import { StatusPill } from '../../ui/status-pill';
import { Ago } from '../../ui/times';
import { AboveList } from './administration-frame';
import { CreateUserDialog } from './create-user-dialog';
import { NOT_A_PHONE, PagedTable } from './paged-table';
import { PhoneNote } from './phone-note';
import { SecretDialog, type ShownSecret } from './secret-dialog';
import { UserMenu } from './user-menu';
import classes from './administration.module.css';

export function UsersPage() {
  const users = useUsers();
  const mayManage = usePermission('access:manage');
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<ShownSecret | null>(null);
  return (
    <>
      <AboveList
        action={
          mayManage && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
              Add a user
            </Button>
          )
        }
      >
        People who sign in here. Each role may do all that the smaller ones may: viewer, operator, administrator, owner.
      </AboveList>
      <PagedTable
        what="The users"
        list={users}
        columns={columns(setSecret)}
        isFaded={(user) => user.disabled}
        empty={<Notice icon={<IconUsers size={22} />} title="No users" />}
      />
      {isCreating && <CreateUserDialog onClose={() => setCreating(false)} onCreated={setSecret} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function columns(onSecret: (secret: ShownSecret) => void): DataTableColumn<UserView>[] {
  return [
    { accessor: 'email', title: 'E-mail', render: (user) => <UserName user={user} /> },
    { accessor: 'role', title: 'Role', width: 120, visibleMediaQuery: NOT_A_PHONE },
    {
      accessor: 'disabled',
      title: 'State',
      width: 110,
      visibleMediaQuery: NOT_A_PHONE,
      render: (user) => (
        <StatusPill tone={user.disabled ? 'muted' : 'good'}>{user.disabled ? 'Disabled' : 'Active'}</StatusPill>
      ),
    },
    {
      accessor: 'createdAt',
      title: 'Added',
      width: 110,
      visibleMediaQuery: NOT_A_PHONE,
      render: (user) => (
        <span className={classes.when}>
          <Ago at={user.createdAt} />
        </span>
      ),
    },
    {
      accessor: 'actions',
      title: <VisuallyHidden>Actions</VisuallyHidden>,
      width: 56,
      textAlign: 'right',
      render: (user) => <UserMenu user={user} onSecret={onSecret} />,
    },
  ];
}

function UserName({ user }: { readonly user: UserView }) {
  const me = useSession().data;
  return (
    <span className={classes.name}>
      <bdi>{user.email}</bdi>
      {me?.kind === 'user' && me.id === user.id && (
        <Badge ml={8} size="sm" variant="default">
          you
        </Badge>
      )}
      <PhoneNote parts={[user.role, user.disabled ? 'disabled' : null]} />
    </span>
  );
}
