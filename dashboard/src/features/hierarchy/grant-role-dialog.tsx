'use client';

import { GRANTABLE_ROLES, type GrantableRole, type HierarchyNodeView, type RoleGrantView } from '@dibs/shared';
import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApiTokens, useServicePrincipals, useUsers } from '../../api/access';
import { useGrantRole } from '../../api/role-grants';
import { usePermission } from '../../api/session';
import { FormDialog } from '../administration/dialog';

interface GrantRoleDialogProps {
  readonly node: HierarchyNodeView;
  readonly onClose: () => void;
}

type Grantee = Pick<RoleGrantView['grantee'], 'kind' | 'id'>;

const ROLE_WORDS = {
  administrator: 'Also changes its settings and grants roles here',
  operator: 'Starts, approves, cancels and retries its jobs',
} as const satisfies Record<GrantableRole, string>;

/** It is open while it is there. */
export function GrantRoleDialog({ node, onClose }: GrantRoleDialogProps) {
  const grant = useGrantRole(node.kind, node.id);
  // who is administrator here alone does not see who else there is
  const mayList = usePermission('access:read');
  const [grantee, setGrantee] = useState<Grantee | null>(null);
  const [role, setRole] = useState<GrantableRole>('operator');
  return (
    <FormDialog
      title={`Grant a role at ${node.path}`}
      confirm="Grant it"
      onClose={onClose}
      onSubmit={() => grantee && grant.mutate({ role, grantee }, { onSuccess: onClose })}
      isPending={grant.isPending}
      isDisabled={grantee === null}
      error={grant.error}
    >
      {mayList ? <GranteeSelect value={grantee} onChange={setGrantee} /> : <GranteeById onChange={setGrantee} />}
      <Select
        label="Role"
        description={ROLE_WORDS[role]}
        data={[...GRANTABLE_ROLES]}
        value={role}
        onChange={(value) => value !== null && setRole(value)}
        allowDeselect={false}
      />
    </FormDialog>
  );
}

interface GranteeFieldProps {
  readonly value: Grantee | null;
  readonly onChange: (grantee: Grantee | null) => void;
}

function GranteeSelect({ value, onChange }: GranteeFieldProps) {
  const users = useUsers().data?.pages.flatMap(({ items }) => items) ?? [];
  const principals = useServicePrincipals().data?.pages.flatMap(({ items }) => items) ?? [];
  const tokens = useApiTokens().data?.pages.flatMap(({ items }) => items) ?? [];
  const groups: { group: string; kind: Grantee['kind']; items: { value: string; label: string }[] }[] = [
    { group: 'Users', kind: 'user', items: users.map(({ id, email }) => ({ value: id, label: email })) },
    {
      group: 'Service principals',
      kind: 'servicePrincipal',
      // that of a runner may do nothing but be that runner
      items: principals.filter(({ role }) => role !== null).map(({ id, name }) => ({ value: id, label: name })),
    },
    { group: 'API tokens', kind: 'apiToken', items: tokens.map(({ id, name }) => ({ value: id, label: name })) },
  ];
  const choose = (id: string | null): void => {
    const group = groups.find(({ items }) => items.some((item) => item.value === id));
    onChange(group && id !== null ? { kind: group.kind, id } : null);
  };
  return (
    <Select
      label="Who"
      placeholder="user, service principal or API token"
      searchable
      data={groups.filter(({ items }) => items.length > 0).map(({ group, items }) => ({ group, items }))}
      value={value?.id ?? null}
      onChange={choose}
      data-autofocus
    />
  );
}

function GranteeById({ onChange }: Pick<GranteeFieldProps, 'onChange'>) {
  const [id, setId] = useState('');
  return (
    <TextInput
      label="Id of the user"
      description="Your role in the organization does not list its people: one of its administrators knows the id."
      value={id}
      onChange={({ currentTarget: { value } }) => {
        setId(value);
        onChange(value.trim() === '' ? null : { kind: 'user', id: value.trim() });
      }}
    />
  );
}
