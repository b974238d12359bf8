'use client';

import { Select } from '@mantine/core';
import { useState } from 'react';
import { useCreateApiToken } from '../../api/access';
import { CreateMachineDialog } from './create-machine-dialog';
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
  const [lifetime, setLifetime] = useState(LIFETIMES[2]!.value);
  return (
    <CreateMachineDialog
      title="Add an API token"
      nameHint="What it is for, as in nightly report"
      isPending={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={(machine) =>
        create.mutate(
          { ...machine, ...(lifetime !== NEVER && { expiresInSeconds: Number(lifetime) }) },
          {
            onSuccess: ({ token }) => {
              onClose();
              onCreated(apiToken(machine.name, token));
            },
          },
        )
      }
    >
      <Select
        label="It ends"
        data={LIFETIMES}
        value={lifetime}
        onChange={(value) => value !== null && setLifetime(value)}
        allowDeselect={false}
      />
    </CreateMachineDialog>
  );
}

function apiToken(name: string, token: string): ShownSecret {
  return {
    title: `API token ${name}`,
    values: [{ label: 'API token', value: token }],
    hint: 'Send it as Authorization: Bearer <token>. The list shows how it begins, to recognise it by.',
  };
}
