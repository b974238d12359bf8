'use client';

import type { ServicePrincipalView } from '@dibs/shared';
import { Button, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useState } from 'react';
import { useServicePrincipals } from '../../api/access';
import { usePermission } from '../../api/session';
import { CopyIcon } from '../../ui/code-block';
import { Notice } from '../../ui/notice';
import { StatusPill } from '../../ui/status-pill';
import { Ago } from '../../ui/times';
import { AboveList } from './administration-frame';
import { CreatePrincipalDialog } from './create-principal-dialog';
import { NOT_A_PHONE, PagedTable } from './paged-table';
import { PhoneNote } from './phone-note';
import { PrincipalMenu } from './principal-menu';
import { SecretDialog, type ShownSecret } from './secret-dialog';
import classes from './administration.module.css';

export function ServicePrincipalsPage() {
  const principals = useServicePrincipals();
  const mayManage = usePermission('access:manage');
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<ShownSecret | null>(null);
  const addButton = mayManage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      Add a service principal
    </Button>
  );
  return (
    <>
      <AboveList action={addButton}>
        Machines that fetch short-lived access tokens with a client id and secret (OAuth 2.0 client credentials). Each
        runner has one of its own.
      </AboveList>
      <PagedTable
        what="The service principals"
        list={principals}
        columns={columns(setSecret)}
        isFaded={(principal) => principal.disabled}
        empty={
          <Notice icon={<IconRobot size={22} />} title="No service principal yet" actions={addButton}>
            Make one for a pipeline that submits jobs. Registering a runner makes one for it.
          </Notice>
        }
      />
      {isCreating && <CreatePrincipalDialog onClose={() => setCreating(false)} onCreated={setSecret} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function columns(onSecret: (secret: ShownSecret) => void): DataTableColumn<ServicePrincipalView>[] {
  return [
    {
      accessor: 'name',
      title: 'Name',
      render: ({ name, clientId, role, disabled }) => (
        <span className={classes.name}>
          <bdi>{name}</bdi>
          <div className={classes.note}>
            <span className={classes.code}>{clientId}</span>{' '}
            <CopyIcon value={clientId} label={`Copy client id of ${name}`} />
          </div>
          <PhoneNote parts={[role ?? 'runner link', disabled ? 'disabled' : null]} />
        </span>
      ),
    },
    {
      accessor: 'role',
      title: 'Role',
      width: 130,
      visibleMediaQuery: NOT_A_PHONE,
      render: ({ role }) => role ?? <span className={classes.when}>runner link</span>,
    },
    {
      accessor: 'disabled',
      title: 'State',
      width: 110,
      visibleMediaQuery: NOT_A_PHONE,
      render: ({ disabled }) => (
        <StatusPill tone={disabled ? 'muted' : 'good'}>{disabled ? 'Disabled' : 'Active'}</StatusPill>
      ),
    },
    {
      accessor: 'createdAt',
      title: 'Added',
      width: 110,
      visibleMediaQuery: NOT_A_PHONE,
      render: ({ createdAt }) => (
        <span className={classes.when}>
          <Ago at={createdAt} />
        </span>
      ),
    },
    {
      accessor: 'actions',
      title: <VisuallyHidden>Actions</VisuallyHidden>,
      width: 56,
      textAlign: 'right',
      render: (principal) => <PrincipalMenu principal={principal} onSecret={onSecret} />,
    },
  ];
}
