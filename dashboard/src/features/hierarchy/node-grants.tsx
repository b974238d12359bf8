'use client';

import type { HierarchyNodeView, RoleGrantView } from '@dibs/shared';
import { ActionIcon, Button, Title, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconTrash, IconUserShield } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useState } from 'react';
import { useRoleGrants, useTakeRoleBack } from '../../api/role-grants';
import { Notice } from '../../ui/notice';
import { AboveList } from '../administration/administration-frame';
import { FormDialog } from '../administration/dialog';
import { PagedTable } from '../administration/paged-table';
import { agoColumn } from '../administration/time-columns';
import { GrantRoleDialog } from './grant-role-dialog';
import classes from '../administration/administration.module.css';

export const GRANTEE_WORDS = {
  user: 'user',
  servicePrincipal: 'service principal',
  apiToken: 'API token',
} as const satisfies Record<RoleGrantView['grantee']['kind'], string>;

/** Roles granted at the node itself. */
export function NodeGrants({ node }: { readonly node: HierarchyNodeView }) {
  const list = useRoleGrants(node.kind, node.id);
  const [isGranting, setGranting] = useState(false);
  const [asked, setAsked] = useState<RoleGrantView | null>(null);
  const mayManage = node.permissions.includes('access:manage');
  const add = mayManage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setGranting(true)}>
      Grant a role
    </Button>
  );
  return (
    <section aria-labelledby="roles-title">
      <Title order={2} id="roles-title" mb={4}>
        Roles
      </Title>
      <AboveList action={add}>
        Who may do more here, and in all that is inside, than their role in the organization says. Roles granted further
        out count here too.
      </AboveList>
      <PagedTable
        what="The roles"
        list={list}
        columns={columns(mayManage ? setAsked : null)}
        empty={
          <Notice icon={<IconUserShield size={22} />} title="No role granted here">
            The roles in the organization count, and those granted further out. An operator of this {node.kind} may run
            its jobs; an administrator may also change its settings.
          </Notice>
        }
      />
      {isGranting && <GrantRoleDialog node={node} onClose={() => setGranting(false)} />}
      {asked && <TakeBackDialog node={node} grant={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

function columns(onTakeBack: ((grant: RoleGrantView) => void) | null): DataTableColumn<RoleGrantView>[] {
  return [
    {
      accessor: 'grantee',
      title: 'Who',
      render: ({ grantee }) => (
        <div className={classes.name}>
          <bdi>{grantee.name}</bdi>
          <div className={classes.note}>{GRANTEE_WORDS[grantee.kind]}</div>
        </div>
      ),
    },
    { accessor: 'role', title: 'Role', width: 140 },
    agoColumn('Granted'),
    {
      accessor: 'actions',
      title: <VisuallyHidden>Actions</VisuallyHidden>,
      width: 56,
      textAlign: 'right',
      hidden: onTakeBack === null,
      render: (grant) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => onTakeBack?.(grant)}
          aria-label={`Take the role back from ${grant.grantee.name}`}
        >
          <IconTrash size={16} />
        </ActionIcon>
      ),
    },
  ];
}

interface TakeBackDialogProps {
  readonly node: HierarchyNodeView;
  readonly grant: RoleGrantView;
  readonly onClose: () => void;
}

function TakeBackDialog({ node, grant, onClose }: TakeBackDialogProps) {
  const takeBack = useTakeRoleBack(node.kind, node.id);
  return (
    <FormDialog
      title={`Take the role back from ${grant.grantee.name}`}
      confirm="Take it back"
      isDangerous
      onClose={onClose}
      onSubmit={() => takeBack.mutate(grant.id, { onSuccess: onClose })}
      isPending={takeBack.isPending}
      error={takeBack.error}
    >
      {`They are no longer ${grant.role} of ${node.path}, from their next call on. Their role in the organization stays.`}
    </FormDialog>
  );
}
