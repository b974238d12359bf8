'use client';

import type { ServicePrincipalView } from '@dibs/shared';
import { useState } from 'react';
import { useDeleteServicePrincipal, useUpdateServicePrincipal } from '../../api/access';
import { FormDialog } from './dialog';
import { RoleSelect } from './role-select';

interface PrincipalDialogProps {
  readonly principal: ServicePrincipalView;
  readonly onClose: () => void;
}

export function PrincipalRoleDialog({ principal, onClose }: PrincipalDialogProps) {
  const update = useUpdateServicePrincipal(principal.id);
  const [role, setRole] = useState(principal.role ?? 'viewer');
  return (
    <FormDialog
      title={`Role of ${principal.name}`}
      confirm="Change the role"
      onClose={onClose}
      onSubmit={() => update.mutate({ role }, { onSuccess: onClose })}
      isPending={update.isPending}
      isDisabled={role === principal.role}
      error={update.error}
    >
      <RoleSelect value={role} onChange={setRole} />
    </FormDialog>
  );
}

export function DisablePrincipalDialog({ principal, onClose }: PrincipalDialogProps) {
  const update = useUpdateServicePrincipal(principal.id);
  const disabled = !principal.disabled;
  return (
    <FormDialog
      title={`${disabled ? 'Disable' : 'Enable'} ${principal.name}`}
      confirm={disabled ? 'Disable' : 'Enable'}
      isDangerous={disabled}
      onClose={onClose}
      onSubmit={() => update.mutate({ disabled }, { onSuccess: onClose })}
      isPending={update.isPending}
      error={update.error}
    >
      {disabled
        ? 'Its tokens are refused from now on, and a runner that uses it is disconnected. Its secret stays, so that it can be enabled again.'
        : 'It can fetch tokens again with its present secret.'}
    </FormDialog>
  );
}

export function DeletePrincipalDialog({ principal, onClose }: PrincipalDialogProps) {
  const remove = useDeleteServicePrincipal(principal.id);
  return (
    <FormDialog
      title={`Delete ${principal.name}`}
      confirm="Delete"
      isDangerous
      onClose={onClose}
      onSubmit={() => remove.mutate(undefined, { onSuccess: onClose })}
      isPending={remove.isPending}
      error={remove.error}
    >
      It and its tokens are refused from now on, for good. What it did stays in the audit trail. One that a runner uses
      cannot be deleted: delete the runner.
    </FormDialog>
  );
}
