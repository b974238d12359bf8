'use client';

import type { UserView } from '@dibs/shared';
import { Badge } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useUsers } from '../../api/access';
import { useSession } from '../../api/session';
import { AccessListPage } from './access-list-page';
import { accountColumns } from './account-columns';
import { CreateUserDialog } from './create-user-dialog';
import { NOT_A_PHONE } from './paged-table';
import { PhoneNote } from './phone-note';
import type { ShownSecret } from './secret-dialog';
import { UserMenu } from './user-menu';
import classes from './administration.module.css';

export function UsersPage() {
  return (
    <AccessListPage
      what="The users"
      add="Add a user"
      explained="People who sign in here. Each role may do all that the smaller ones may: viewer, operator, administrator, owner."
      list={useUsers()}
      columns={columns}
      isFaded={(user) => user.disabled}
      empty={{ icon: <IconUsers size={22} />, title: 'No users', text: 'Add one, and hand over the password.' }}
      CreateDialog={CreateUserDialog}
    />
  );
}

function columns(onSecret: (secret: ShownSecret) => void): DataTableColumn<UserView>[] {
  return [
    { accessor: 'email', title: 'E-mail', render: (user) => <UserName user={user} /> },
    { accessor: 'role', title: 'Role', width: 120, visibleMediaQuery: NOT_A_PHONE },
    ...accountColumns<UserView>((user) => <UserMenu user={user} onSecret={onSecret} />),
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
