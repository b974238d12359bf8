'use client';

import type { UserView } from '@dibs/shared';
import { useState } from 'react';
import { useUpdateUser } from '../../api/access';
import { FormDialog } from './dialog';
import { generatePassword } from './generated-password';
import { PasswordField } from './password-field';
import { RoleSelect } from './role-select';
import { passwordToHandOver, type ShownSecret } from './secret-dialog';

interface UserDialogProps {
  readonly user: UserView;
  readonly onClose: () => void;
}

export function UserRoleDialog({ user, onClose }: UserDialogProps) {
  const update = useUpdateUser(user.id);
  const [role, setRole] = useState(user.role);
  return (
    <FormDialog
      title={`Role of ${user.email}`}
      confirm="Change the role"
      onClose={onClose}
      onSubmit={() => update.mutate({ role }, { onSuccess: onClose })}
      isPending={update.isPending}
      isDisabled={role === user.role}
      error={update.error}
    >
      <RoleSelect value={role} onChange={setRole} />
    </FormDialog>
  );
}

interface ResetPasswordDialogProps extends UserDialogProps {
  readonly onSecret: (secret: ShownSecret) => void;
}

export function ResetPasswordDialog({ user, onClose, onSecret }: ResetPasswordDialogProps) {
  const update = useUpdateUser(user.id);
  const [password, setPassword] = useState(generatePassword);
  const onSuccess = (): void => {
    onClose();
    onSecret(passwordToHandOver(user.email, password));
  };
  return (
    <FormDialog
      title={`Reset the password of ${user.email}`}
      confirm="Reset and sign them out"
      onClose={onClose}
      onSubmit={() => update.mutate({ password }, { onSuccess })}
      isPending={update.isPending}
      isDisabled={password === ''}
      error={update.error}
    >
      <PasswordField value={password} onChange={setPassword} />
    </FormDialog>
  );
}

export function DisableUserDialog({ user, onClose }: UserDialogProps) {
  const update = useUpdateUser(user.id);
  const disabled = !user.disabled;
  return (
    <FormDialog
      title={`${disabled ? 'Disable' : 'Enable'} ${user.email}`}
      confirm={disabled ? 'Disable and sign them out' : 'Enable'}
      isDangerous={disabled}
      onClose={onClose}
      onSubmit={() => update.mutate({ disabled }, { onSuccess: onClose })}
      isPending={update.isPending}
      error={update.error}
    >
      {disabled
        ? 'They are signed out everywhere and cannot sign in again. What they submitted goes on.'
        : 'They can sign in again with their password.'}
    </FormDialog>
  );
}
