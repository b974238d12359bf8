'use client';

import type { Role } from '@dibs/shared';
import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useCreateApiToken } from '../../api/access';
import { FormDialog } from './dialog';
import { RoleSelect } from './role-select';
import type { ShownSecret } from './secret-dialog';

const DAY_SECONDS = 86_400;
const NEVER = 'never';
const LIFETIMES = [
  { value: String(7 * DAY_SECONDS), label: 'in a week' },
  { value: String(30 * DAY_SECONDS), label: 'in 30 days' },
  { value: String(90 * DAY_SECONDS), label: 'in 90 days' },
  { value: String(365 * DAY_SECONDS), label: 'in a year' },
  { value: NEVER, label: 'when it is revoked' },
];

interface CreateTokenDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (secret: ShownSecret) => void;
}

export function CreateTokenDialog({ onClose, onCreated }: CreateTokenDialogProps) {
  const create = useCreateApiToken();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [lifetime, setLifetime] = useState(LIFETIMES[2]!.value);
  const submit = (): void =>
    create.mutate(
      { name: name.trim(), role, ...(lifetime !== NEVER && { expiresInSeconds: Number(lifetime) }) },
      {
        onSuccess: ({ token }) => {
          onClose();
          onCreated({
            title: `API token ${name.trim()}`,
            values: [{ label: 'API token', value: token }],
            hint: 'Send it as Authorization: Bearer <token>. The list shows how it begins, to recognise it by.',
          });
        },
      },
    );
  return (
    <FormDialog
      title="Add an API token"
      confirm="Add"
      onClose={onClose}
      onSubmit={submit}
      isPending={create.isPending}
      isDisabled={name.trim() === ''}
      error={create.error}
    >
      <TextInput
        label="Name"
        description="What it is for, as in nightly report"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <RoleSelect value={role} onChange={setRole} />
      <Select
        label="It ends"
        data={LIFETIMES}
        value={lifetime}
        onChange={(value) => value !== null && setLifetime(value)}
        allowDeselect={false}
      />
    </FormDialog>
  );
}
