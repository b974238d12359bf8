'use client';

import type { Role } from '@dibs/shared';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useCreateServicePrincipal } from '../../api/access';
import { FormDialog } from './dialog';
import { RoleSelect } from './role-select';
import { clientCredentials, type ShownSecret } from './secret-dialog';

interface CreatePrincipalDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (secret: ShownSecret) => void;
}

export function CreatePrincipalDialog({ onClose, onCreated }: CreatePrincipalDialogProps) {
  const create = useCreateServicePrincipal();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const submit = (): void =>
    create.mutate(
      { name: name.trim(), role },
      {
        onSuccess: (created) => {
          onClose();
          onCreated(clientCredentials(created));
        },
      },
    );
  return (
    <FormDialog
      title="Add a service principal"
      confirm="Add"
      onClose={onClose}
      onSubmit={submit}
      isPending={create.isPending}
      isDisabled={name.trim() === ''}
      error={create.error}
    >
      <TextInput
        label="Name"
        description="What it is for, as in ci or deploy pipeline"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <RoleSelect value={role} onChange={setRole} />
    </FormDialog>
  );
}
