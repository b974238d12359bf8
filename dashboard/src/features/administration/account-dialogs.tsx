'use client';

import type { Role } from '@dibs/shared';
import { useState } from 'react';
import { FormDialog } from './dialog';
import { RoleSelect } from './role-select';

/** The part of a mutation that these dialogs use, of a person or of a machine. */
interface AccountUpdate {
  mutate(change: { role?: Role; disabled?: boolean }, options: { onSuccess: () => void }): unknown;
  readonly isPending: boolean;
  readonly error: Error | null;
}

interface RoleDialogProps {
  readonly name: string;
  /** null: it has none yet. */
  readonly role: Role | null;
  readonly update: AccountUpdate;
  readonly onClose: () => void;
}

export function RoleDialog({ name, role: stored, update, onClose }: RoleDialogProps) {
  const [role, setRole] = useState(stored ?? 'viewer');
  return (
    <FormDialog
      title={`Role of ${name}`}
      confirm="Change the role"
      onClose={onClose}
      onSubmit={() => update.mutate({ role }, { onSuccess: onClose })}
      isPending={update.isPending}
      isDisabled={role === stored}
      error={update.error}
    >
      <RoleSelect value={role} onChange={setRole} />
    </FormDialog>
  );
}

interface DisableDialogProps {
  readonly name: string;
  readonly isDisabled: boolean;
  readonly update: AccountUpdate;
  readonly onClose: () => void;
  /** Words of the button that disables. */
  readonly confirm: string;
  /** What follows. */
  readonly whenDisabled: string;
  readonly whenEnabled: string;
}

export function DisableDialog({ name, isDisabled, update, onClose, ...words }: DisableDialogProps) {
  const disabled = !isDisabled;
  return (
    <FormDialog
      title={`${disabled ? 'Disable' : 'Enable'} ${name}`}
      confirm={disabled ? words.confirm : 'Enable'}
      isDangerous={disabled}
      onClose={onClose}
      onSubmit={() => update.mutate({ disabled }, { onSuccess: onClose })}
      isPending={update.isPending}
      error={update.error}
    >
      {disabled ? words.whenDisabled : words.whenEnabled}
    </FormDialog>
  );
}
