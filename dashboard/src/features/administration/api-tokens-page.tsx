'use client';

import type { ApiTokenView } from '@dibs/shared';
import { VisuallyHidden } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useApiTokens } from '../../api/access';
import { formatMoment } from '../../ui/format-time';
import { Ago } from '../../ui/times';
import { AccessListPage } from './access-list-page';
import { CreateTokenDialog } from './create-token-dialog';
import { NOT_A_PHONE } from './paged-table';
import { PhoneNote } from './phone-note';
import { RevokeToken } from './revoke-token';
import { agoColumn } from './time-columns';
import { TokenExpiry } from './token-expiry';
import classes from './administration.module.css';

export function ApiTokensPage() {
  return (
    <AccessListPage
      what="The API tokens"
      add="Add an API token"
      explained={
        <>
          Keys for scripts, sent as they are: <code>Authorization: Bearer dibs_…</code>. One of an administrator also
          lets runners register themselves (<code>RUNNER_TOKEN</code>).
        </>
      }
      list={useApiTokens()}
      columns={() => COLUMNS}
      empty={{
        icon: <IconKey size={22} />,
        title: 'No API token yet',
        text: 'Make one for a script that calls the API. It is shown once, and can be revoked here at any time.',
      }}
      CreateDialog={CreateTokenDialog}
    />
  );
}

const COLUMNS: DataTableColumn<ApiTokenView>[] = [
  {
    accessor: 'name',
    title: 'Name',
    render: ({ name, prefix, role, lastUsedAt }) => (
      <span className={classes.name}>
        <bdi>{name}</bdi>
        <div className={`${classes.note} ${classes.code}`}>{prefix}…</div>
        <PhoneNote parts={[role, lastUsedAt ? `used ${formatMoment(lastUsedAt)}` : 'never used']} />
      </span>
    ),
  },
  { accessor: 'role', title: 'Role', width: 120, visibleMediaQuery: NOT_A_PHONE },
  {
    accessor: 'lastUsedAt',
    title: 'Last used',
    width: 120,
    visibleMediaQuery: NOT_A_PHONE,
    render: ({ lastUsedAt }) => <span className={classes.when}>{lastUsedAt ? <Ago at={lastUsedAt} /> : 'never'}</span>,
  },
  {
    accessor: 'expiresAt',
    title: 'Ends',
    width: 130,
    render: ({ expiresAt }) => <TokenExpiry expiresAt={expiresAt} />,
  },
  agoColumn('Added'),
  {
    accessor: 'actions',
    title: <VisuallyHidden>Actions</VisuallyHidden>,
    width: 100,
    textAlign: 'right',
    render: (token) => <RevokeToken token={token} />,
  },
];
