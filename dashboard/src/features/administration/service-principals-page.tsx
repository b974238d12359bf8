'use client';

import type { ServicePrincipalView } from '@dibs/shared';
import { IconRobot } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useServicePrincipals } from '../../api/access';
import { CopyIcon } from '../../ui/code-block';
import { AccessListPage } from './access-list-page';
import { accountColumns } from './account-columns';
import { CreatePrincipalDialog } from './create-principal-dialog';
import { NOT_A_PHONE } from './paged-table';
import { PhoneNote } from './phone-note';
import { PrincipalMenu } from './principal-menu';
import type { ShownSecret } from './secret-dialog';
import classes from './administration.module.css';

export function ServicePrincipalsPage() {
  return (
    <AccessListPage
      what="The service principals"
      add="Add a service principal"
      explained="Machines that fetch short-lived access tokens with a client id and secret (OAuth 2.0 client credentials). Each runner has one of its own."
      list={useServicePrincipals()}
      columns={columns}
      isFaded={(principal) => principal.disabled}
      empty={{
        icon: <IconRobot size={22} />,
        title: 'No service principal yet',
        text: 'Make one for a pipeline that submits jobs. Registering a runner makes one for it.',
      }}
      CreateDialog={CreatePrincipalDialog}
    />
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
          <div className={`${classes.note} ${classes.copied}`}>
            <span className={classes.code}>{clientId}</span>
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
    ...accountColumns<ServicePrincipalView>((principal) => <PrincipalMenu principal={principal} onSecret={onSecret} />),
  ];
}
