'use client';

import type { Role } from '@dibs/shared';
import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormDialog } from './dialog';
import { RoleSelect } from './role-select';

interface CreateMachineDialogProps {
  readonly title: string;
  readonly nameHint: string;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onClose: () => void;
  readonly onSubmit: (machine: { readonly name: string; readonly role: Role }) => void;
  /** More fields. */
  readonly children?: ReactNode;
}

/** Adds what scripts and pipelines show who they are by. */
export function CreateMachineDialog(props: CreateMachineDialogProps) {
  const { title, nameHint, isPending, error, onClose, onSubmit, children } = props;
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  return (
    <FormDialog
      title={title}
      confirm="Add"
      onClose={onClose}
      onSubmit={() => onSubmit({ name: name.trim(), role })}
      isPending={isPending}
      isDisabled={name.trim() === ''}
      error={error}
    >
      <TextInput
        label="Name"
        description={nameHint}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <RoleSelect value={role} onChange={setRole} />
      {children}
    </FormDialog>
  );
}
