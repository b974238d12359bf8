'use client';

import type { UserView } from '@dibs/shared';
import { useState } from 'react';
import { useUpdateUser } from '../../api/access';
import { DisableDialog, RoleDialog } from './account-dialogs';
import { FormDialog } from './dialog';
import { generatePassword } from './generated-password';
import { PasswordField } from './password-field';
import { passwordToHandOver, type ShownSecret } from './secret-dialog';

interface UserDialogProps {
  readonly user: UserView;
  readonly onClose: () => void;
}

export function UserRoleDialog({ user, onClose }: UserDialogProps) {
  const update = useUpdateUser(user.id);
  return <RoleDialog name={user.email} role={user.role} update={update} onClose={onClose} />;
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
  return (
    <DisableDialog
      name={user.email}
      isDisabled={user.disabled}
      update={useUpdateUser(user.id)}
      onClose={onClose}
      confirm="Disable and sign them out"
      whenDisabled="They are signed out everywhere and cannot sign in again. What they submitted goes on."
      whenEnabled="They can sign in again with their password."
    />
  );
}
