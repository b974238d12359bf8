'use client';

import { ROLES, type Role } from '@dibs/shared';
import { Select } from '@mantine/core';
import { useSession } from '../../api/session';
import { mayGrant, ROLE_WORDS } from './roles';

interface RoleSelectProps {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
  readonly label?: string;
}

/** Those that one may hand out, with what each may do. */
export function RoleSelect({ value, onChange, label = 'Role' }: RoleSelectProps) {
  const own = useSession().data?.role;
  return (
    <Select
      label={label}
      description={ROLE_WORDS[value]}
      data={ROLES.filter((role) => mayGrant(own, role))}
      value={value}
      onChange={(role) => role !== null && onChange(role)}
      allowDeselect={false}
      checkIconPosition="right"
      comboboxProps={{ withinPortal: true }}
    />
  );
}
