'use client';

import type { Role } from '@dibs/shared';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useCreateUser } from '../../api/access';
import { FormDialog } from './dialog';
import { generatePassword } from './generated-password';
import { PasswordField } from './password-field';
import { RoleSelect } from './role-select';
import { passwordToHandOver, type ShownSecret } from './secret-dialog';

interface CreateUserDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (secret: ShownSecret) => void;
}

/** No mail is sent: the password is shown once, to be handed over. */
export function CreateUserDialog({ onClose, onCreated }: CreateUserDialogProps) {
  const create = useCreateUser();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [password, setPassword] = useState(generatePassword);
  const submit = (): void =>
    create.mutate(
      { email: email.trim(), role, password },
      {
        onSuccess: (user) => {
          onClose();
          onCreated(passwordToHandOver(user.email, password));
        },
      },
    );
  return (
    <FormDialog
      title="Add a user"
      confirm="Add"
      onClose={onClose}
      onSubmit={submit}
      isPending={create.isPending}
      isDisabled={email.trim() === '' || password === ''}
      error={create.error}
    >
      <TextInput
        label="E-mail"
        type="email"
        placeholder="jo@example.com"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
      />
      <RoleSelect value={role} onChange={setRole} />
      <PasswordField value={password} onChange={setPassword} />
    </FormDialog>
  );
}
